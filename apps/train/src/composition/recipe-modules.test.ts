import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recipeModules } from './recipe-modules.js';

test('are TensorFlow.js and all packages that the CLI depends on', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const packages = Object.keys(manifest.dependencies).filter((name) => name.startsWith('@transfusion/'));
  expect(Object.keys(recipeModules).toSorted()).toEqual(['@tensorflow/tfjs', ...packages].toSorted());
});
