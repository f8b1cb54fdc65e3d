/** A key of an object in JSON text. */
export interface JsonKey {
  readonly key: string;
  /** Index of its opening quote. */
  readonly index: number;
  /** Nesting depth of its object: 1 for the outermost one. */
  readonly depth: number;
  /** True for a duplicate key of the same object, whose earlier value `JSON.parse` would silently drop. */
  readonly isRepeated: boolean;
}

/** Yields the keys of all objects in valid JSON text, in order. */
export function* jsonKeys(text: string): Generator<JsonKey> {
  const open: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '{') open.push(new Set());
    else if (text[i] === '}') open.pop();
    else if (text[i] === '"') {
      const start = i;
      i = closingQuote(text, start);
      if (!isFollowedByColon(text, i)) continue;
      const key = JSON.parse(text.slice(start, i + 1)) as string;
      const keys = open[open.length - 1];
      yield { key, index: start, depth: open.length, isRepeated: keys.has(key) };
      keys.add(key);
    }
  }
}

function closingQuote(text: string, opening: number): number {
  let i = opening + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function isFollowedByColon(text: string, closing: number): boolean {
  let i = closing + 1;
  while (' \t\n\r'.includes(text[i] ?? '?')) i++;
  return text[i] === ':';
}
