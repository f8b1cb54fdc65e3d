/** A block of code in a Markdown text. */
export interface Block {
  readonly language: string;
  readonly code: string;
}

/** Returns the blocks of code of a section, in order. */
export function readmeBlocks(markdown: string, heading: string): Block[] {
  const start = markdown.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`there is no section '${heading}'`);
  const end = markdown.indexOf('\n## ', start + 1);
  const section = markdown.slice(start, end < 0 ? undefined : end);
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }));
}
