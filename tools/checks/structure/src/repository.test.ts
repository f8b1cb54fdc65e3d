/** The laws, applied to this repository. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { rootManifest, workspaceProjects } from '@transfusion/setup/workspace';
import { binaryManifestProblems, isBinaryPackage } from './checks/binary-manifest.js';
import {
  compilerOptions,
  readEntryPoint,
  undocumentedNames,
  type PublicExport,
} from './checks/entry-point.js';
import { checkExports } from './checks/exports.js';
import { checkFileLengths } from './checks/file-lengths.js';
import { checkFileNames } from './checks/file-names.js';
import { checkForbiddenText } from './checks/forbidden-text.js';
import { checkImportCircles } from './checks/import-circles.js';
import { checkLinks } from './checks/links.js';
import { manifestProblems } from './checks/manifest.js';
import { namesOf } from './checks/public-names.js';
import { publishedManifestProblems } from './checks/published-manifest.js';
import { readmeProblem, uninstalledImports } from './checks/readme.js';
import { checkCommentOpenings, checkPictures, checkSpelling, wordingProblems } from './checks/wording.js';
import { modalityImporters } from './eslint/modality-importers.mjs';
import longFiles from './long-files.json' with { type: 'json' };
import { readRepository } from './repository.js';
import wordExceptions from './word-exceptions.json' with { type: 'json' };

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const files = readRepository(root);
const textOf = new Map(files.map(({ path, text }) => [path, text]));
const projects = workspaceProjects();
const binaries = projects.filter(({ path }) => isBinaryPackage(path));
const libraries = projects.filter(({ path }) => path.startsWith('packages/') && !isBinaryPackage(path));
const published = projects.filter(({ manifest }) => !manifest.private);

test('the repository was read', () => {
  expect(textOf.has('package.json')).toBe(true);
  expect(libraries).not.toHaveLength(0);
  expect(binaries).not.toHaveLength(0);
});

describe('every file', () => {
  test('is named after what is in it', () => expect(checkFileNames(files)).toEqual([]));
  test('is short, or has a reason', () => expect(checkFileLengths(files, longFiles)).toEqual([]));
  test('holds nothing forbidden', () => expect(checkForbiddenText(files)).toEqual([]));
  test('lies on no import circle', () => expect(checkImportCircles(files)).toEqual([]));
  test('calls an image an image', () => {
    expect(checkPictures(files, wordExceptions.picture)).toEqual([]);
  });
  test('spells the American way', () => {
    expect(checkSpelling(files, wordExceptions.spelling)).toEqual([]);
  });
  test('opens comments with a verb or a noun', () => expect(checkCommentOpenings(files)).toEqual([]));
  test('links to what there is', () => {
    expect(checkLinks(files, (path) => existsSync(join(root, path)))).toEqual([]);
  });
  test('exports by name', () => expect(checkExports(files)).toEqual([]));
});

describe.each(Object.entries(modalityImporters))('the importers of %s', (name, importers) => {
  test.each(importers)('include %s, which imports it', (importer) => {
    const own = files.filter(({ path }) => path.startsWith(importer) && !path.endsWith('.json'));
    expect(own.some(({ text }) => [`'${name}'`, `'${name}/`].some((found) => text.includes(found)))).toBe(
      true,
    );
  });
});

test('every project that needs onnxruntime-node names the same version', () => {
  const versions = projects.flatMap(({ manifest }) => manifest.devDependencies?.['onnxruntime-node'] ?? []);
  expect(new Set(versions).size).toBe(1);
});

describe.each(projects)('$path', ({ path, manifest }) => {
  const problems = isBinaryPackage(path) ? binaryManifestProblems : manifestProblems;
  test('has a complete package.json', () => expect(problems(path, manifest)).toEqual([]));
});

describe.each(binaries)('$path', ({ path, manifest }) => {
  test('has a README that names it and its version of ONNX Runtime', () => {
    const readme = textOf.get(`${path}/README.md`);
    expect(readme).toContain(`# ${manifest.name}\n`);
    expect(readme).toContain(manifest.devDependencies['onnxruntime-node']);
  });

  test('carries the license of ONNX Runtime', () => {
    expect(textOf.get(`${path}/LICENSE`)).toMatch(/^MIT License\n\nCopyright \(c\) Microsoft Corporation\n/);
  });
});

describe.each(published)('$path', ({ manifest }) => {
  test('can be installed from npm', () => {
    expect(publishedManifestProblems(manifest, rootManifest.engines.node)).toEqual([]);
  });
});

describe.each(libraries)('$path', ({ path, directory }) => {
  test('has a README with the project’s headings', () => {
    expect(readmeProblem(textOf.get(`${path}/README.md`) ?? '')).toBeUndefined();
  });

  test('has a README that installs what its programs import', () => {
    expect(uninstalledImports(textOf.get(`${path}/README.md`) ?? '')).toEqual([]);
  });

  test('has a line in the root README', () => {
    expect(textOf.get('README.md')).toMatch(new RegExp(`^  ${path.split('/').at(-1)} +L\\d `, 'm'));
  });

  test('carries the license', () => {
    expect(textOf.get(`${path}/LICENSE`)).toBe(textOf.get('LICENSE'));
  });

  const entryPoints = ['index', 'testing']
    .filter((name) => textOf.has(`${path}/src/${name}.ts`))
    .map((name) => `src/${name}.ts`);
  describe.each(entryPoints)('%s', (entryPoint) => {
    let exports: PublicExport[];
    beforeAll(() => {
      exports = readEntryPoint(join(directory, entryPoint), compilerOptions(directory));
    });

    test('documents each name', () => expect(undocumentedNames(exports)).toEqual([]));

    test('names things in the field’s English', () => {
      expect(wordingProblems(exports.flatMap(namesOf))).toEqual([]);
    });
  });
});
