/**
 * Returns the fenced blocks of code of a Markdown text, in order: `{ language, code, line }`, where `line` is that of the
 * first line of code, counted from 1.
 */
export function codeBlocks(text) {
  const blocks = [];
  let current;
  text.split('\n').forEach((line, i) => {
    const trimmed = line.trim();
    if (current === undefined) {
      if (trimmed.startsWith('```')) current = { language: trimmed.slice(3), code: [], line: i + 2 };
    } else if (trimmed === '```') {
      blocks.push({ ...current, code: current.code.join('\n') });
      current = undefined;
    } else {
      current.code.push(line);
    }
  });
  return blocks;
}
