const COPIES = Symbol.for('@transfusion/package-copies');

/** URLs by package name; one for the process, since there may be several copies of this package, too. */
const registry = globalThis as { [COPIES]?: Map<string, readonly string[]> };

/**
 * Warns if a package is loaded a second time in one process: from another folder, or both as an ES module and as
 * CommonJS. For packages whose copies break each other, called when they are loaded. The warning
 * (`TRANSFUSION_TWO_COPIES`, through `process.emitWarning`) names the copies, their versions and what to do.
 *
 * @param name the package's name
 * @param url `import.meta.url` of a module of the package
 * @param consequence what goes wrong, as a sentence
 */
export function warnOfSecondCopy(name: string, url: string, consequence: string): void {
  const copies = (registry[COPIES] ??= new Map<string, readonly string[]>());
  const loaded = copies.get(name) ?? [];
  if (loaded.includes(url)) return;
  copies.set(name, [...loaded, url]);
  if (loaded.length === 0) return;
  const [first, second] = [loaded[0], url].map((copy) => describeCopy(name, copy));
  const remedy =
    first.folder === second.folder
      ? "Load it in one way in the whole program: with 'import', or with 'require'."
      : `See who depends on which copy with 'npm ls ${name}', and merge them with 'npm dedupe'.`;
  process.emitWarning(
    `${name} is loaded twice, expected one copy: found ${first.text}, and ${second.text}. ${consequence} ${remedy}`,
    { type: 'TransfusionWarning', code: 'TRANSFUSION_TWO_COPIES' },
  );
}

/** The version is looked up for the warning alone: most programs have one copy, and need no files here. */
function describeCopy(name: string, url: string): { readonly folder: string; readonly text: string } {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const file = process.getBuiltinModule('node:url').fileURLToPath(url);
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(join(folder, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    if (manifest['name'] === name) return { folder, text: `${String(manifest['version'])} (${file})` };
  }
  // Bundled into a program.
  return { folder: dirname(file), text: file };
}
