/** Guidance: which rows the model is shown, and what becomes of its answers. */
import * as tf from '@transfusion/tfjs';
import type { EncodedDocument } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import { noParams, scriptedModel } from '../testing-internals/scripted-model.js';
import { strip, text, toyVocabulary } from '../testing-internals/toy-documents.js';
import { plainDocuments } from '../testing-internals/plain-documents.js';
import type { SpanSamplingOptions } from './request.js';

beforeAll(() => tf.setBackend('cpu'));

const { bos, size: V } = toyVocabulary;
const [begin, end] = [toyVocabulary.beginOf('strip', [4]), toyVocabulary.endOf('strip')];
const source = strip([9, 8, 7, 6]);

// What the model answers when it sees all, the source alone, and nothing.
const answers = { all: [1, -2, 3, 0.5], spans: [0.5, 1, 2, 1], alone: [-1, 0.25, 0, 2] };

/** Returns the inputs that the model got, and the velocity that its predictions were combined to. */
async function guided(prompt: EncodedDocument, spans: SpanSamplingOptions) {
  const shown: string[] = [];
  const model = scriptedModel(({ ids, spans: inside }) => {
    const hasTokens = ids.some((id) => id < V && ![bos, begin, end].includes(id));
    const kind = inside.length === 1 && !hasTokens ? 'alone' : hasTokens ? 'all' : 'spans';
    if (inside.length > 1) {
      expect(inside[0]).toMatchObject({ latents: [9, 8, 7, 6], timestep: 0 });
      // BOS BEGIN and two elements END, without the two letters; the open span has the same noise everywhere.
      const markers = ids.map((id) => (id < V ? id : 'element'));
      const expected = [bos, begin, 'element', 'element', end, begin, 'element', 'element'];
      if (kind === 'spans') expect(markers).toEqual(expected);
    }
    expect(inside.at(-1)).toMatchObject({ timestep: 1000 });
    shown.push(kind);
    return { spanOutput: answers[kind] };
  });
  const request = { prompt, firstSpan: { modality: 'strip', latentShape: [4] }, seed: 1, maxTokens: 0 };
  const [[segment]] = await plainDocuments(model, noParams, [
    { ...request, spanSampling: { numInferenceSteps: 1, ...spans } },
  ]);
  const start = createRng(1).fork('span 0').fork('start').normals(4);
  const data = 'latent' in segment ? segment.latent.data : start;
  return { shown, velocity: start.map((noise, i) => noise - data[i]) };
}

const editing = [source, text('ab')];

it('extends from nothing to the spans, and from there to the tokens', async () => {
  const { shown, velocity } = await guided(editing, { guidanceScale: 4, spanGuidanceScale: 1.5 });
  expect(shown).toEqual(['all', 'spans', 'alone']);
  const { all, spans, alone } = answers;
  const expected = all.map((_, i) => alone[i] + 1.5 * (spans[i] - alone[i]) + 4 * (all[i] - spans[i]));
  expectClose(velocity, expected, { absolute: 1e-5 });
});

it.each<[string, EncodedDocument, SpanSamplingOptions, string[], (i: number) => number]>([
  [
    'one scale for both unless two are given',
    editing,
    { guidanceScale: 2 },
    ['all', 'alone'],
    (i) => answers.alone[i] + 2 * (answers.all[i] - answers.alone[i]),
  ],
  [
    'equal scales are one',
    editing,
    { guidanceScale: 2, spanGuidanceScale: 2 },
    ['all', 'alone'],
    (i) => answers.alone[i] + 2 * (answers.all[i] - answers.alone[i]),
  ],
  [
    'no guidance towards the spans needs no answer without them',
    editing,
    { guidanceScale: 2, spanGuidanceScale: 1 },
    ['all', 'spans'],
    (i) => answers.spans[i] + 2 * (answers.all[i] - answers.spans[i]),
  ],
  [
    'none towards the tokens needs all',
    editing,
    { guidanceScale: 1, spanGuidanceScale: 3 },
    ['all', 'spans', 'alone'],
    (i) => answers.alone[i] + 3 * (answers.spans[i] - answers.alone[i]) + answers.all[i] - answers.spans[i],
  ],
  [
    'none at all is one row',
    editing,
    { guidanceScale: 1, spanGuidanceScale: 1 },
    ['all'],
    (i) => answers.all[i],
  ],
  [
    'tokens alone have their scale',
    [text('ab')],
    { guidanceScale: 2, spanGuidanceScale: 7 },
    ['all', 'alone'],
    (i) => answers.alone[i] + 2 * (answers.all[i] - answers.alone[i]),
  ],
  [
    'spans alone have theirs',
    [source],
    { guidanceScale: 7, spanGuidanceScale: 2 },
    ['spans', 'alone'],
    (i) => answers.alone[i] + 2 * (answers.spans[i] - answers.alone[i]),
  ],
  [
    'nothing to steer towards is one row',
    [],
    { guidanceScale: 7, spanGuidanceScale: 2 },
    ['alone'],
    (i) => answers.alone[i],
  ],
])('%s', async (_, prompt, spans, expectedShown, expectedAt) => {
  const { shown, velocity } = await guided(prompt, spans);
  expect(shown).toEqual(expectedShown);
  expectClose(velocity, [0, 1, 2, 3].map(expectedAt), { absolute: 1e-5 });
});

it('refuses a non-finite scale', async () => {
  const spans = { spanGuidanceScale: Infinity };
  await expect(guided(editing, spans)).rejects.toThrow(
    'generate: spanGuidanceScale is Infinity, expected a finite number',
  );
});

describe('guidanceInterval', () => {
  /** Returns the timesteps of four steps, each with the kinds of rows that the model is shown at it. */
  async function shownAt(
    prompt: EncodedDocument,
    spanSampling: SpanSamplingOptions,
  ): Promise<[timestep: number, kinds: string[]][]> {
    const shown = new Map<number, string[]>();
    const model = scriptedModel(({ ids, spans }) => {
      const hasTokens = ids.some((id) => id < V && ![bos, begin, end].includes(id));
      const kind = hasTokens ? 'all' : spans.length > 1 ? 'spans' : 'alone';
      const { timestep } = spans.at(-1)!;
      shown.set(timestep, [...(shown.get(timestep) ?? []), kind]);
      return { spanOutput: [0, 0, 0, 0] };
    });
    const firstSpan = { modality: 'strip', latentShape: [4] };
    await plainDocuments(model, noParams, [
      { prompt, firstSpan, seed: 1, maxTokens: 0, spanSampling: { numInferenceSteps: 4, ...spanSampling } },
    ]);
    return [...shown];
  }

  it.each<[readonly [number, number] | undefined, number[]]>([
    [undefined, [1000, 750, 500, 250]],
    [
      [0, 1000],
      [1000, 750, 500, 250],
    ],
    // The first and the last are included.
    [
      [500, 750],
      [750, 500],
    ],
    [[-100, 400], [250]],
    [[600, 700], []],
  ])('%j guides at %j; elsewhere there is the conditional row alone', async (guidanceInterval, guidedAt) => {
    const kinds =
      (all: string[]) =>
      (t: number): [number, string[]] => [t, guidedAt.includes(t) ? all : ['all']];
    const timesteps = [1000, 750, 500, 250];
    expect(await shownAt([text('ab')], { guidanceInterval })).toEqual(timesteps.map(kinds(['all', 'alone'])));
    const two = { guidanceInterval, guidanceScale: 3, spanGuidanceScale: 2 };
    expect(await shownAt(editing, two)).toEqual(timesteps.map(kinds(['all', 'spans', 'alone'])));
  });

  it('outside of it the output is the conditional one', async () => {
    const { shown, velocity } = await guided(editing, {
      guidanceScale: 4,
      spanGuidanceScale: 1.5,
      guidanceInterval: [0, 999],
    });
    expect(shown).toEqual(['all']);
    expectClose(velocity, answers.all, { absolute: 1e-5 });
  });
});

describe('negativePrompt', () => {
  const negativeAnswer = [2, 0, -1, 1];

  /** As {@link guided}, with each row as a string: `<ab[##][##` has two letters, a span and the open span. */
  async function shownRows(prompt: EncodedDocument, spanSampling: SpanSamplingOptions) {
    const rows: string[] = [];
    const symbols = new Map([
      [bos, '<'],
      [begin, '['],
      [end, ']'],
    ]);
    const model = scriptedModel(({ ids }) => {
      const row = ids.map((id) => symbols.get(id) ?? (id < 6 ? 'abcdef'[id] : '#')).join('');
      rows.push(row);
      if (row.includes('f')) return { spanOutput: negativeAnswer };
      const kind = /[ab]/.test(row) ? 'all' : row.includes(']') ? 'spans' : 'alone';
      return { spanOutput: answers[kind] };
    });
    const firstSpan = { modality: 'strip', latentShape: [4] };
    const [[segment]] = await plainDocuments(model, noParams, [
      { prompt, firstSpan, seed: 1, maxTokens: 0, spanSampling: { numInferenceSteps: 1, ...spanSampling } },
    ]);
    const start = createRng(1).fork('span 0').fork('start').normals(4);
    const data = 'latent' in segment ? segment.latent.data : start;
    return { rows, velocity: start.map((noise, i) => noise - data[i]) };
  }

  const negativePrompt = [text('ff')];
  const { all, spans, alone } = answers;

  it.each<[string, EncodedDocument, SpanSamplingOptions, string[], (i: number) => number]>([
    [
      'takes the position of nothing',
      [text('ab')],
      { guidanceScale: 4, negativePrompt },
      ['<ab[##', '<ff[##'],
      (i) => negativeAnswer[i] + 4 * (all[i] - negativeAnswer[i]),
    ],
    [
      'may have spans',
      [text('ab')],
      { guidanceScale: 4, negativePrompt: [text('f'), source] },
      ['<ab[##', '<f[##][##'],
      (i) => negativeAnswer[i] + 4 * (all[i] - negativeAnswer[i]),
    ],
    [
      'guides a span without a prompt, too',
      [],
      { guidanceScale: 4, negativePrompt },
      ['<[##', '<ff[##'],
      (i) => negativeAnswer[i] + 4 * (alone[i] - negativeAnswer[i]),
    ],
    [
      'is the least conditioned of three with two scales',
      editing,
      { guidanceScale: 4, spanGuidanceScale: 1.5, negativePrompt },
      ['<[##]ab[##', '<[##][##', '<ff[##'],
      (i) => negativeAnswer[i] + 1.5 * (spans[i] - negativeAnswer[i]) + 4 * (all[i] - spans[i]),
    ],
    [
      'is of no use without guidance',
      [text('ab')],
      { guidanceScale: 1, negativePrompt },
      ['<ab[##'],
      (i) => all[i],
    ],
    [
      'empty is none',
      [text('ab')],
      { guidanceScale: 4, negativePrompt: [] },
      ['<ab[##', '<[##'],
      (i) => alone[i] + 4 * (all[i] - alone[i]),
    ],
  ])('%s', async (_, prompt, options, expectedRows, expectedAt) => {
    const { rows, velocity } = await shownRows(prompt, options);
    expect(rows).toEqual(expectedRows);
    expectClose(velocity, [0, 1, 2, 3].map(expectedAt), { absolute: 1e-5 });
  });
});
