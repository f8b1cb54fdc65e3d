/** Returns a section of a README, without its heading. @throws Error if there is none of this name */
export function readmeSection(markdown: string, heading: string): string {
  const opening = `\n## ${heading}\n`;
  const start = markdown.indexOf(opening);
  if (start < 0) throw new Error(`there is no section '${heading}'`);
  const end = markdown.indexOf('\n## ', start + 1);
  return markdown.slice(start + opening.length, end < 0 ? undefined : end);
}
