import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';
import { createModalityImportsRule } from './modality-imports.mjs';

const importersOf = { '@transfusion/modality-image': ['packages/emoji/', 'apps/train/src/main.ts'] };

function messagesOf(file: string, code: string): string[] {
  const linter = new Linter({ cwd: '/repository' });
  const config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as Linter.Parser },
    plugins: { t: { rules: { modalities: createModalityImportsRule('/repository', importersOf) } } },
    rules: { 't/modalities': 'error' },
  } as Linter.Config;
  return linter.verify(code, config, `/repository/${file}`).map(({ message }) => message);
}

const imported = "import { image } from '@transfusion/modality-image';";

test.each([
  ['packages/runs/src/a.ts', imported],
  ['packages/runs/src/a.ts', "import type { Image } from '@transfusion/modality-image';"],
  ['packages/runs/src/a.ts', "export { image } from '@transfusion/modality-image/testing';"],
  ['packages/runs/src/a.ts', "type Image = import('@transfusion/modality-image').Image;"],
  ['packages/emoji-more/src/a.ts', imported],
  ['apps/train/src/main.tsx.ts', imported],
])('refuses in %s: %s', (file, code) => {
  expect(messagesOf(file, code)).toEqual([expect.stringContaining(`${file} may not import`)]);
});

test.each([
  ['packages/emoji/src/deep/a.ts', imported],
  ['apps/train/src/main.ts', imported],
  ['packages/runs/src/a.test.ts', imported],
  ['packages/runs/src/testing-internals/a.ts', imported],
  ['packages/runs/src/a.ts', "import { text } from '@transfusion/modality-text';"],
  ['packages/runs/src/a.ts', "import type { Modality } from '@transfusion/modality';"],
  ['packages/runs/src/a.ts', "import { a } from './modality-image.js';"],
])('accepts in %s: %s', (file, code) => expect(messagesOf(file, code)).toEqual([]));
