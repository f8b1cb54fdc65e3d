import { runEvaluator, type Evaluator, type Predictors } from '@transfusion/evaluators';
import { evaluatorChecks } from '@transfusion/evaluators/testing';
import { describe, expect, test } from 'vitest';
import { emojiEvaluators } from './emoji-evaluators.js';
import { halfMask } from './half-mask.js';

const evaluators: readonly Evaluator[] = await emojiEvaluators();

/** A model that generates the image of every caption: the caption itself, as an image with a name. */
function perfect(seen: object[] = []): Pick<Predictors, 'generate' | 'inpaint'> {
  const captions = new Map<unknown, string>();
  return {
    async *generate(tasks) {
      for await (const task of tasks) {
        seen.push(task);
        const last = task.prompt.at(-1)!;
        if (task.output === 'text') {
          yield captions.get(last.value) ?? 'nothing, nowhere';
          continue;
        }
        const image = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(task.seed) };
        captions.set(image, last.value as string);
        yield image;
      }
    },
    async *inpaint(tasks) {
      for await (const task of tasks) {
        seen.push(task);
        const image = { ...(task.known.value as object), copy: true };
        captions.set(image, task.prompt[0].value as string);
        yield image;
      }
    },
  };
}

async function evaluate(name: string, predict: Partial<Predictors>, limit = 4) {
  const evaluator = evaluators.find((one) => one.name === name)!;
  const { metrics, examples } = await runEvaluator(evaluator, predict, { subject: 'test', limit });
  return { examples, ...Object.fromEntries(metrics.map((metric) => [metric.name, metric.value])) };
}

describe.each(evaluators)('$name', (evaluator) => {
  for (const { name, run } of evaluatorChecks(evaluator, { predict: perfect(), limit: 3 })) test(name, run);
});

test('are of captions, images, edits and inpainting', () => {
  expect(evaluators.map(({ name }) => name)).toEqual(['captions', 'images', 'edits', 'inpainting']);
  for (const { provenance } of evaluators) expect(provenance['emoji']).toMatch(/^[\da-f]{12}$/);
});

test('captions of real images are compared with subject and style', async () => {
  const { examples } = await evaluate('captions', perfect());
  const expected = examples.map(({ result }) => result as { subject: string; style: string });
  let i = 0;
  const captions = [
    `${expected[0].subject}, ${expected[0].style}`,
    `other, ${expected[1].style}`,
    `${expected[2].subject}, other`,
    'no comma',
  ];
  const scripted: Partial<Predictors> = {
    async *generate(tasks) {
      for await (const { seed } of tasks) yield captions[i++ + seed];
    },
  };
  expect(await evaluate('captions', scripted)).toMatchObject({ style: 0.5, subject: 0.5 });
});

test('images are right if their captions are those asked for', async () => {
  const seen: { readonly output: string; readonly seed: number; readonly prompt: readonly object[] }[] = [];
  expect(await evaluate('images', perfect(seen))).toMatchObject({ style: 1, subject: 1 });
  const images = seen.filter(({ output }) => output === 'image');
  expect(images.map(({ seed }) => seed)).toEqual([0, 1, 2, 3]);
  expect(images[0].prompt).toEqual([{ modality: 'text', value: expect.stringMatching(/, \S+$/) }]);
});

test('edits go from another style, by an instruction', async () => {
  const seen: { readonly output: string; readonly prompt: readonly { readonly value: unknown }[] }[] = [];
  const { examples } = await evaluate('edits', perfect(seen), 3);
  const edits = seen.filter(({ output }) => output === 'image');
  edits.forEach(({ prompt }, i) => {
    expect(prompt[1].value).toBe(`draw this in the ${String(examples[i].result['style'])} style`);
  });
});

test('inpainting has the decibels of the images, at most 100', async () => {
  const seen: { readonly mask?: object }[] = [];
  const scores = await evaluate('inpainting', perfect(seen), 2);
  expect(scores).toMatchObject({ style: 1, subject: 1, 'PSNR in the mask': 100 });
  expect(seen.flatMap(({ mask }) => mask ?? [])).toEqual([halfMask(64, 0), halfMask(64, 1)]);
});

test('masks cover each half in turn', () => {
  expect([0, 1, 2, 3].map((number) => [...halfMask(2, number).data])).toEqual([
    [255, 0, 255, 0],
    [255, 255, 0, 0],
    [0, 255, 0, 255],
    [0, 0, 255, 255],
  ]);
});
