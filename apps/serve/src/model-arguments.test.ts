import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emojiModelFolder } from '@transfusion/emoji';
import { afterAll, expect, it } from 'vitest';
import { modelArguments } from './model-arguments.js';

const folder = mkdtempSync(join(tmpdir(), 'transfusion-serve-'));
afterAll(() => rmSync(folder, { recursive: true }));
const flowers = join(folder, 'flowers');
mkdirSync(flowers);

it('takes shipped models, folders, and names for either', () => {
  expect(modelArguments(['emoji', flowers, `a=${flowers}`, 'b=emoji'])).toEqual([
    { name: 'emoji', folder: emojiModelFolder },
    { name: 'flowers', folder: flowers },
    { name: 'a', folder: flowers },
    { name: 'b', folder: emojiModelFolder },
  ]);
});

it('refuses what is not there, and two of one name', () => {
  expect(() => modelArguments(['roses'])).toThrow(/^roses: found neither a folder nor a shipped model/);
  expect(() => modelArguments(['emoji', 'emoji'])).toThrow("two models are named 'emoji'");
});
