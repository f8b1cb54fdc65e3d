import { describe, expect, it } from 'vitest';
import type { Evaluator } from '../contract/evaluator.js';
import type { GenerationTask, Predictors } from '../contract/predictors.js';
import { runEvaluator } from '../contract/run-evaluator.js';
import { evaluatorChecks } from '../testing.js';
import golden from '../golden/geneval.json' with { type: 'json' };
import { confidentObjects, type DetectedObject, type ObjectDetector } from './detected-object.js';
import { geneval, type GenevalOptions } from './geneval.js';
import { GENEVAL_SKILLS, parseGenevalPrompts } from './geneval-prompt.js';
import { relativePositions } from './relative-position.js';

const lines = golden.cases.map(({ metadata }) => JSON.stringify(metadata));
const prompts = parseGenevalPrompts(lines.join('\n'), 'golden');

/** An "image" is the number of the prompt and of its copy; the detector knows what is in it. */
const seen: GenerationTask[] = [];
const predict: Pick<Predictors, 'generate'> = {
  async *generate(tasks) {
    for await (const task of tasks) {
      seen.push(task);
      yield [Math.floor(task.seed / 4), task.seed % 4];
    }
  },
};
const objectsOf = (image: unknown): readonly DetectedObject[] => {
  const [prompt, copy] = image as [number, number];
  return golden.cases[prompt].images[copy] as unknown as readonly DetectedObject[];
};
const detector: ObjectDetector = { id: 'golden', detect: async (image) => objectsOf(image) };
const detecting = (objects: readonly unknown[]): ObjectDetector => ({
  id: 'made',
  detect: async () => objects as readonly DetectedObject[],
});
const run = (options: Partial<GenevalOptions> = {}, runOptions = {}) =>
  runEvaluator(geneval({ prompts, detector, ...options }) as Evaluator, predict, {
    subject: 'a model',
    ...runOptions,
  });

it.each(evaluatorChecks(geneval({ prompts, detector }) as Evaluator, { predict }))(
  '$name',
  ({ run: check }) => check(),
);

describe('the rules of the reference', () => {
  it('give the same verdicts, shares of skills, and score', async () => {
    const { metrics, examples, provenance } = await run();
    const verdicts = examples.map(({ result }) =>
      (result['images'] as readonly { isCorrect: boolean }[]).map(({ isCorrect }) => isCorrect),
    );
    expect(verdicts).toEqual(golden.cases.map(({ isCorrect }) => isCorrect));
    const value = (name: string) => metrics.find((metric) => metric.name === name)!.value;
    expect(value('GenEval')).toBeCloseTo(golden.overall, 12);
    for (const skill of GENEVAL_SKILLS) expect(value(skill)).toBeCloseTo(golden.skills[skill], 12);
    expect(value('correct images')).toBeCloseTo(
      golden.cases.flatMap(({ isCorrect }) => isCorrect).filter(Boolean).length / (4 * prompts.length),
      12,
    );
    expect(value('prompts with a correct image')).toBeCloseTo(
      golden.cases.filter(({ isCorrect }) => isCorrect.some(Boolean)).length / prompts.length,
      12,
    );
    const [{ interval, count }] = metrics;
    expect(count).toBe(prompts.length);
    expect(interval![0]).toBeLessThan(golden.overall);
    expect(interval![1]).toBeGreaterThan(golden.overall);
    expect(provenance).toMatchObject({ detector: 'golden', imagesPerPrompt: 4, countingThreshold: 0.9 });
  });

  it.each(golden.boxes)('place $a relative to $b', ({ a, b, relations }) => {
    const box = (values: readonly number[]) => values as unknown as DetectedObject['box'];
    expect(new Set(relativePositions(box(a), box(b), 0.1))).toEqual(new Set(relations));
  });

  it('count at most 16 objects of a class, above the threshold', () => {
    const object = (score: number): DetectedObject => ({ class: 'cup', score, box: [0, 0, 1, 1] });
    const objects = Array.from({ length: 40 }, (_, i) => object(((i * 7) % 40) / 40));
    const kept = confidentObjects(objects, 0.3, 16).get('cup')!;
    expect(kept.map(({ score }) => score)).toEqual(Array.from({ length: 16 }, (_, i) => (39 - i) / 40));
    expect(confidentObjects([object(0.3)], 0.3, 16).get('cup')).toBeUndefined();
  });
});

it('asks for images by seeds of their own, whatever the shard', async () => {
  seen.length = 0;
  await run({}, { limit: 3, shard: { index: 1, count: 2 } });
  expect(seen.map(({ seed }) => seed)).toEqual([4, 5, 6, 7]);
  expect(seen[0]).toEqual({
    prompt: [{ modality: 'text', value: prompts[1].prompt }],
    output: 'image',
    seed: 4,
  });
});

it('tests each requirement alone', async () => {
  const line = {
    tag: 'position',
    prompt: 'two red cups, and a blue dog left of them',
    include: [
      { class: 'cup', count: 2, color: 'red' },
      { class: 'dog', count: 1, color: 'blue', position: ['left of', 0] },
    ],
    exclude: [{ class: 'dog', count: 2 }],
  };
  const cup = { class: 'cup', score: 0.9, box: [200, 0, 240, 40], color: 'red' };
  const dog = { class: 'dog', score: 0.8, box: [20, 0, 60, 40], color: 'green' };
  const parsed = parseGenevalPrompts(JSON.stringify(line), 'test');
  const options = { prompts: parsed, imagesPerPrompt: 1 };
  const atomsOf = async (objects: readonly unknown[]) => {
    const { examples, metrics } = await run({ ...options, detector: detecting(objects) });
    const [{ atoms }] = examples[0].result['images'] as unknown as [
      { atoms: { kind: string; expected: string; found: string; holds: boolean }[] },
    ];
    return { atoms, share: metrics.find(({ name }) => name === 'atoms')!.value };
  };
  expect(await atomsOf([dog, cup])).toEqual({
    share: 3 / 7,
    atoms: [
      { kind: 'object', expected: 'cup: at least 1', found: '1', holds: true },
      { kind: 'count', expected: 'cup: at least 2', found: '1', holds: false },
      { kind: 'color', expected: 'red cup: at least 2', found: 'red', holds: false },
      { kind: 'object', expected: 'dog: at least 1', found: '1', holds: true },
      { kind: 'color', expected: 'blue dog: at least 1', found: 'green', holds: false },
      { kind: 'position', expected: 'dog left of cup', found: 'left of', holds: false },
      { kind: 'exclusion', expected: 'dog: fewer than 2', found: '1', holds: true },
    ],
  });
});

it('takes the colors of a classifier before those of the detector', async () => {
  const line = { tag: 'colors', prompt: 'a red cup', include: [{ class: 'cup', count: 1, color: 'red' }] };
  const cup = { class: 'cup', score: 0.9, box: [0, 0, 40, 40], color: 'blue' };
  const options = { prompts: parseGenevalPrompts(JSON.stringify(line), 'test'), detector: detecting([cup]) };
  expect((await run(options)).metrics[0].value).toBe(0);
  expect((await run({ ...options, classifyColor: async () => 'red' })).metrics[0].value).toBe(1);
});

describe('refuses', () => {
  const object = { class: 'cup', score: 0.9, box: [0, 0, 1, 1] };

  it.each<[object, string]>([
    [{ score: NaN }, 'has the score NaN, expected a number from 0 to 1'],
    [{ box: [0, 0, NaN, 1] }, 'has the box [0,0,NaN,1], expected finite [x0, y0, x1, y1]'],
    [{ box: [2, 0, 1, 1] }, 'has the box [2,0,1,1], expected'],
    [{ box: [2, 3] }, 'has the box [2,3], expected'],
    [{ class: 7 }, 'has the class 7, expected a string'],
  ])('an object with %o', async (fields, message) => {
    const wrong = detecting([object, { ...object, ...fields }]);
    await expect(run({ detector: wrong })).rejects.toThrow(
      `geneval: prompt 0, image 0: object 1 of the detector ${message}`,
    );
  });

  it('a class that the detector does not know', () => {
    expect(() => geneval({ prompts, detector: { ...detector, classes: ['cup', 'cat'] } })).toThrow(
      /^geneval: prompt \d+ has the class '\w+', expected one that the detector knows: cup, cat\. Rename/,
    );
  });

  it('colors that nobody tells', async () => {
    const [{ class: name }] = prompts.find(({ tag }) => tag === 'colors')!.include;
    const colors = prompts.filter(({ tag }) => tag === 'colors').slice(0, 1);
    await expect(run({ prompts: colors, detector: detecting([{ ...object, class: name }]) })).rejects.toThrow(
      `geneval: prompt 0, image 0: the color of the ${name} is undefined, expected a string, which this prompt tests.`,
    );
  });

  it('a number of images that is none', () => {
    expect(() => geneval({ prompts, detector, imagesPerPrompt: 0 })).toThrow(
      'geneval: imagesPerPrompt is 0, expected a positive integer.',
    );
  });
});
