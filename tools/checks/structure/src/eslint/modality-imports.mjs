/**
 * ESLint rule: code of one modality is imported only where the table says so, so that everything else stays
 * generic. Tests may import any.
 */
import { relative, sep } from 'node:path';
import { workspacePackageOf } from './layers.mjs';
import { importRuleMeta, reportImports } from './report-imports.mjs';

/**
 * @param importersOf by modality package, the folders (ending in '/') and files that may import it, relative
 * to `root`
 */
export function createModalityImportsRule(root, importersOf) {
  return {
    meta: importRuleMeta,
    create(context) {
      const file = relative(root, context.filename).split(sep).join('/');
      if (isTest(file)) return {};
      return reportImports(context, (specifier) => {
        const name = workspacePackageOf(specifier);
        const importers = importersOf[name];
        if (importers === undefined || importers.some((path) => isIn(file, path))) return undefined;
        return (
          `${file} may not import ${name}: code of one modality is imported only where ` +
          "modality-importers.mjs says so. Ask the modality for what it brings (its 'media'), or move the code there"
        );
      });
    },
  };
}

function isIn(file, path) {
  return path.endsWith('/') ? file.startsWith(path) : file === path;
}

function isTest(file) {
  return file.endsWith('.test.ts') || file.includes('/testing-internals/');
}
