/** Guidance with two scales: which rows the model is shown, and what becomes of its answers. */
import * as tf from '@transfusion/tfjs';
import type { EncodedDocument } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';
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
