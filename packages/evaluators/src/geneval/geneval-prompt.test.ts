import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import golden from '../golden/geneval.json' with { type: 'json' };
import { parseGenevalPrompts, readGenevalPrompts } from './geneval-prompt.js';

const parse = (text: string) => parseGenevalPrompts(text, 'metadata.jsonl');

it('reads the prompts of a file as they are', async () => {
  const prompts = golden.cases.map(({ metadata }) => metadata);
  const path = join(await mkdtemp(join(tmpdir(), 'geneval-')), 'evaluation_metadata.jsonl');
  await writeFile(path, `${prompts.map((prompt) => JSON.stringify(prompt)).join('\r\n')}\n\n`);
  expect(await readGenevalPrompts(path)).toEqual(prompts);
  await expect(readGenevalPrompts(`${path}x`)).rejects.toThrow(`${path}x: cannot be read`);
});

const valid = { tag: 'colors', prompt: 'a cup', include: [{ class: 'cup', count: 1 }] };
const dog = (fields: object) => ({
  ...valid,
  include: [valid.include[0], { class: 'dog', count: 1, ...fields }],
});

it.each<[unknown, string]>([
  [3, 'is 3, expected an object'],
  [{ ...valid, tag: 'color' }, 'tag is "color", expected single_object, two_object'],
  [{ ...valid, prompt: ' ' }, 'prompt is " ", expected a text'],
  [{ ...valid, include: [] }, 'include is [], expected a list of at least one object'],
  [{ ...valid, exclude: {} }, 'exclude is {}, expected a list'],
  [{ ...valid, exclude: [{ class: 'cup' }] }, 'exclude[0].count is undefined, expected a positive integer'],
  [
    { ...valid, excludes: [] },
    "found the unknown field 'excludes', expected tag, prompt, include, exclude. Did you mean",
  ],
  [dog({ count: 1.5 }), 'include[1].count is 1.5, expected a positive integer'],
  [dog({ class: 5 }), 'include[1].class is 5, expected a text'],
  [
    dog({ colr: 'red' }),
    "found the unknown field 'include[1].colr', expected class, count, color, position. Did",
  ],
  [dog({ color: '' }), 'include[1].color is "", expected a text'],
  [dog({ position: ['under', 0] }), 'include[1].position is ["under",0], expected ["left of" or'],
  [dog({ position: ['above', 1] }), 'include[1].position is ["above",1], expected'],
  [dog({ position: 'above' }), 'include[1].position is "above", expected'],
  [{ ...valid, include: ['cup'] }, 'include[0] is "cup", expected an object'],
])('refuses %j, with its line', (value, message) => {
  const text = `${JSON.stringify(valid)}\n\n${JSON.stringify(value)}\n`;
  expect(() => parse(text)).toThrow(`metadata.jsonl, line 3: ${message}`);
});

it('refuses what is not JSON, and a file without prompts', () => {
  expect(() => parse(`${JSON.stringify(valid)}\n{"tag"`)).toThrow('metadata.jsonl, line 2: is not JSON (');
  expect(() => parse('\n')).toThrow('metadata.jsonl: found no prompts, expected one per line.');
});
