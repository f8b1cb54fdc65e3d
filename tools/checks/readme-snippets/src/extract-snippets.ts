/** A block of code in a Markdown text. */
export interface Snippet {
  readonly code: string;
  /** Line of the first line of code, counted from 1. */
  readonly line: number;
}

/** The ` ```ts ` blocks of a Markdown text. Anything else (` ```sh `, ` ```json `) is not run. */
export function extractSnippets(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  let current: { line: number; code: string[] } | undefined;
  markdown.split('\n').forEach((text, i) => {
    if (current === undefined) {
      if (text.trim() === '```ts') current = { line: i + 2, code: [] };
    } else if (text.trim() === '```') {
      snippets.push({ line: current.line, code: current.code.join('\n') });
      current = undefined;
    } else {
      current.code.push(text);
    }
  });
  return snippets;
}
