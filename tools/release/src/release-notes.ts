/** Release notes from the packages' changelogs, in which one change stands under each package that it concerns. */

/** A package and the text of its CHANGELOG.md. */
export interface ChangedPackage {
  readonly name: string;
  readonly version: string;
  readonly changelog: string;
}

const LEVELS = ['Major', 'Minor', 'Patch'] as const;

/** Returns Markdown: the versions, and each change once with the packages that it concerns. */
export function releaseNotes(packages: readonly ChangedPackage[]): string {
  const versions = packages.map(({ name, version }) => `- \`${name}\` ${version}`);
  const changes = LEVELS.flatMap((level) => {
    const byText = changesOf(packages, level);
    if (byText.size === 0) return [];
    const entries = [...byText].map(([text, names]) => `- ${text} (${names.join(', ')})`);
    return [`## ${level} changes`, '', ...entries, ''];
  });
  return [...changes, '## Versions', '', ...versions, ''].join('\n');
}

/** The names of the packages that each change concerns. */
function changesOf(
  packages: readonly ChangedPackage[],
  level: (typeof LEVELS)[number],
): Map<string, string[]> {
  const byText = new Map<string, string[]>();
  for (const { name, version, changelog } of packages) {
    for (const text of changesIn(sectionOf(sectionOf(changelog, `## ${version}`), `### ${level} Changes`))) {
      byText.set(text, [...(byText.get(text) ?? []), name]);
    }
  }
  return byText;
}

/** Returns what stands between a heading and the next one of its level; nothing if there is no such heading. */
function sectionOf(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.indexOf(heading) + 1;
  if (start === 0) return '';
  const marks = `${heading.split(' ')[0]} `;
  const end = lines.findIndex((line, i) => i >= start && line.startsWith(marks));
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

/** Returns the texts of a list, without commits; dependencies that were only updated are left out. */
function changesIn(list: string): string[] {
  return `\n${list}`
    .split('\n- ')
    .slice(1)
    .map((entry) => entry.trim().replace(/^[0-9a-f]{7,40}: /, ''))
    .filter((entry) => !entry.startsWith('Updated dependencies'));
}
