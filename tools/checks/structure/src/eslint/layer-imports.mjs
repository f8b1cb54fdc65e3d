/** ESLint rule: imports between workspace packages follow `layers.mjs`, and go by package name. */
import { dirname, relative, resolve } from 'node:path';
import { layerProblem, packageDirectoryOf, readManifest, workspacePackageOf } from './layers.mjs';
import { importRuleMeta, reportImports } from './report-imports.mjs';

/** @param manifestOf finds a workspace package's package.json by name; undefined if there is none. */
export function createLayerImportsRule(manifestOf) {
  return {
    meta: importRuleMeta,
    create(context) {
      const directory = dirname(context.filename);
      const packageDirectory = packageDirectoryOf(directory);
      const own = readManifest(packageDirectory);
      return reportImports(context, (specifier) => {
        if (specifier.startsWith('.')) {
          const path = relative(packageDirectory, resolve(directory, specifier));
          return path.startsWith('..')
            ? `'${specifier}' leaves the package: import by package name`
            : undefined;
        }
        const name = workspacePackageOf(specifier);
        if (name === undefined) return undefined;
        const imported = manifestOf(name);
        return imported === undefined ? `there is no package ${name}` : layerProblem(own, imported);
      });
    },
  };
}
