const COMMENTS_AND_STRINGS = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** Returns the identifiers in files of TypeScript, without properties: another one of the same name would clash. */
export function identifiersIn(files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const code = [...files]
    .filter(([path]) => path.endsWith('.ts'))
    .map(([, text]) => text.replace(COMMENTS_AND_STRINGS, ''))
    .join('\n');
  return new Set(code.match(/(?<![.\w$])[A-Za-z_$][\w$]*\b(?!:)/g));
}
