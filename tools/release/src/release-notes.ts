/** Release notes from the packages' changelogs, in which one change stands under each package that it concerns. */

/** A package and the text of its CHANGELOG.md. */
export interface ChangedPackage {
  readonly name: string;
  readonly version: string;
  readonly changelog: string;
}

const LEVELS = ['Major', 'Minor', 'Patch'] as const;

/** A change, at the highest level that it has for a package. */
interface Change {
  readonly level: (typeof LEVELS)[number];
  readonly packages: string[];
}

/** Returns Markdown: each change once with the packages that it concerns, and the versions. */
export function releaseNotes(packages: readonly ChangedPackage[]): string {
  const changes = [...changesOf(packages)];
  const sections = LEVELS.flatMap((level) => {
    const entries = changes.filter(([, change]) => change.level === level);
    if (entries.length === 0) return [];
    const lines = entries.map(([text, change]) => `- ${text} (${change.packages.join(', ')})`);
    return [`## ${level} changes`, '', ...lines, ''];
  });
  const versions = packages.map(({ name, version }) => `- \`${name}\` ${version}`);
  return [...sections, '## Versions', '', ...versions, ''].join('\n');
}

/** Changes by their text. */
function changesOf(packages: readonly ChangedPackage[]): Map<string, Change> {
  const changes = new Map<string, Change>();
  for (const level of LEVELS) {
    for (const { name, version, changelog } of packages) {
      const list = sectionOf(sectionOf(changelog, `## ${version}`), `### ${level} Changes`);
      for (const text of changesIn(list)) {
        if (!changes.has(text)) changes.set(text, { level, packages: [] });
        changes.get(text)!.packages.push(name);
      }
    }
  }
  return changes;
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
