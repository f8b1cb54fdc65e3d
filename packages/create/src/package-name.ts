/** Returns the problem with the name of an npm package, without a scope. */
export function problemOfPackageName(name: string): string | undefined {
  if (name.length > 214) return `found ${name.length} characters, expected at most 214`;
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    return `found '${name}', expected lower-case letters, digits, -, _ and ., starting with a letter or digit`;
  if (name === 'node_modules') return `'${name}' is reserved by npm, expected another name`;
  return undefined;
}
