/** ESLint rule: imports between workspace packages follow `layers.mjs`, and go by package name. */
import { dirname, relative, resolve } from 'node:path';
import { layerProblem, packageDirectoryOf, readManifest, workspacePackageOf } from './layers.mjs';

/** @param manifestOf finds a workspace package's package.json by name; undefined if there is none. */
export function createLayerImportsRule(manifestOf) {
  return {
    meta: { type: 'problem', schema: [], messages: { forbidden: '{{reason}}.' } },
    create(context) {
      const directory = dirname(context.filename);
      const packageDirectory = packageDirectoryOf(directory);
      const own = readManifest(packageDirectory);

      function problemOf(specifier) {
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
      }

      function check(source) {
        if (typeof source?.value !== 'string') return;
        const reason = problemOf(source.value);
        if (reason !== undefined) context.report({ node: source, messageId: 'forbidden', data: { reason } });
      }

      return {
        ImportDeclaration: (node) => check(node.source),
        ExportNamedDeclaration: (node) => check(node.source),
        ExportAllDeclaration: (node) => check(node.source),
        ImportExpression: (node) => check(node.source),
        TSImportType: (node) => check(node.source ?? node.argument?.literal),
      };
    },
  };
}
