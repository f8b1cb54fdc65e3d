import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { afterAll, describe, expect, test } from 'vitest';
import { createLayerImportsRule } from './layer-imports.mjs';
import { layerProblem } from './layers.mjs';

const manifest = (name: string, layer: string): { name: string; nx: { tags: string[] } } => ({
  name: `@transfusion/${name}`,
  nx: { tags: [layer] },
});

const engine = manifest('engine', 'layer:L0');
const nn = manifest('nn', 'layer:L1');
const losses = manifest('losses', 'layer:L1');
const core = manifest('core', 'layer:L2');
const bench = manifest('bench', 'layer:tool');
const untagged = { name: '@transfusion/untagged' };
const all = new Map([engine, nn, losses, core, bench].map((found) => [found.name, found]));

describe('layerProblem', () => {
  test('allows a strictly lower layer, and everything to tools', () => {
    expect(layerProblem(nn, engine)).toBeUndefined();
    expect(layerProblem(core, engine)).toBeUndefined();
    expect(layerProblem(bench, core)).toBeUndefined();
    expect(layerProblem(bench, manifest('other-tool', 'layer:tool'))).toBeUndefined();
  });

  test('allows a lower step of the same layer, and not a higher one', () => {
    const [low, high] = [manifest('low', 'layer:L1.1'), manifest('high', 'layer:L1.2')];
    expect(layerProblem(high, low)).toBeUndefined();
    expect(layerProblem(low, high)).toBeDefined();
    expect(layerProblem(core, high)).toBeUndefined();
  });

  test.each([
    ['the same layer', nn, losses],
    ['a higher layer', nn, core],
    ['a tool', core, bench],
    ['itself', core, core],
    ['a package without a layer', core, untagged],
  ])('refuses an import of %s', (_case, from, to) => expect(layerProblem(from, to)).toBeDefined());

  test('refuses any import by a package without a layer', () => {
    expect(layerProblem(untagged, engine)).toContain('no layer tag');
  });
});

describe('the rule', () => {
  const directory = mkdtempSync(join(tmpdir(), 'layer-imports-'));
  mkdirSync(join(directory, 'src'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify(nn));
  afterAll(() => rmSync(directory, { recursive: true }));

  function messagesOf(code: string): string[] {
    const linter = new Linter({ cwd: directory });
    const config = {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser as Linter.Parser },
      plugins: { t: { rules: { layers: createLayerImportsRule((name: string) => all.get(name)) } } },
      rules: { 't/layers': 'error' },
    } as Linter.Config;
    return linter.verify(code, config, join(directory, 'src/a.ts')).map(({ message }) => message);
  }

  test.each([
    "import { a } from '@transfusion/core';",
    "import type { A } from '@transfusion/core';",
    "export { a } from '@transfusion/core/testing';",
    "export * from '@transfusion/core';",
    "await import('@transfusion/core');",
    "type A = import('@transfusion/core').A;",
    "import { a } from '@transfusion/absent';",
    "import { a } from '../../core/src/a.js';",
  ])('refuses %s', (code) => expect(messagesOf(code)).toHaveLength(1));

  test.each([
    "import { a } from '@transfusion/engine';",
    "import { a } from './b.js';",
    "import { a } from '../tools.js';",
    "import * as tf from '@tensorflow/tfjs';",
    'await import(name);',
  ])('accepts %s', (code) => expect(messagesOf(code)).toEqual([]));
});
