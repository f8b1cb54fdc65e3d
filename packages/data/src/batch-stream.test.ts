import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { BatchArrays } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { streamBatches, type BatchStreamOptions, type StreamedBatch } from './batch-stream.js';
import { captionPairs } from './caption-pairs.js';
import { createDocumentStream, type DocumentStream } from './document-stream.js';
import type { SkippedRecord } from './skipped-record.js';
import { captionedImages, plainImage, texts, toyModel } from './testing-internals/toy-documents.js';

const options: BatchStreamOptions = {
  model: toyModel,
  shape: { numRows: 2, rowLength: 24, spanCapacity: { 'image:4x4x3': 3 } },
};
const textOptions = { ...options, shape: { numRows: 2, rowLength: 8, spanCapacity: {} } };

const mixed = (): DocumentStream =>
  createDocumentStream(
    [
      { source: captionedImages(9), transform: captionPairs() },
      { source: texts('words', ['on', 'tap', 'a', 'gap', 'harbour', 'letterpress']) },
    ],
    7,
  );

async function take(batches: AsyncIterable<StreamedBatch>, count: number): Promise<StreamedBatch[]> {
  const found: StreamedBatch[] = [];
  for await (const item of batches) {
    found.push(item);
    if (found.length === count) break;
  }
  return found;
}

/** The texts of a batch of nothing else, or the pieces of them, from `^` to `$`; sorted. */
function textsOf({ sources, documentIds, numDocuments }: BatchArrays): string[] {
  const found = new Array<string>(numDocuments).fill('');
  const { start } = toyModel.vocabulary.tokensOf('text');
  const markers = new Map([
    [toyModel.vocabulary.bos, '^'],
    [toyModel.vocabulary.eos, '$'],
  ]);
  sources.forEach((id, i) => {
    if (documentIds[i] >= 0) found[documentIds[i]] += markers.get(id) ?? String.fromCharCode(97 + id - start);
  });
  return found.toSorted();
}

/** Splits a text as rows of eight do: the last letter of a piece is the first of the next. */
function piecesOf(text: string): string[] {
  const whole = `^${text}$`;
  const pieces: string[] = [];
  for (let start = 0; start === 0 || start + 1 < whole.length; start += 7)
    pieces.push(whole.slice(start, start + 8));
  return pieces;
}

it('continues from any batch with bit-equal ones, also through JSON', async () => {
  const whole = await take(streamBatches(mixed(), options), 12);
  for (let stop = 0; stop < 11; stop++) {
    const cursor = JSON.parse(JSON.stringify(whole[stop].next)) as StreamedBatch['next'];
    expect(await take(streamBatches(mixed(), options, cursor), 1)).toEqual([whole[stop + 1]]);
  }
  expect(whole[0].next.setAside!.length).toBeGreaterThan(1);
});

it('returns the same batches for any readAhead', async () => {
  const [expected, ...others] = await Promise.all(
    [64, 1, 2, 500].map((readAhead) => take(streamBatches(mixed(), { ...options, readAhead }), 6)),
  );
  for (const found of others) expect(found).toEqual(expected);
});

const words = (maxLength: number): fc.Arbitrary<string[]> =>
  fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength }), {
    minLength: 1,
    maxLength: 30,
  });

it.each([
  ['document', 6],
  ['piece of a document that is longer than a row', 40],
])('puts each %s into exactly one batch', async (_, maxLength) => {
  await fc.assert(
    fc.asyncProperty(words(maxLength), async (values) => {
      const stream = createDocumentStream([{ source: texts('words', values) }], 1);
      const found = await take(streamBatches(stream, textOptions), 40);
      const { position, piece: next = 0, setAside } = found.at(-1)!.next;
      const read: string[] = [];
      let state = stream.start;
      for (let i = 0; i <= position; i++) {
        const entry = stream.at(state);
        const pieces = piecesOf((await entry.read()).segments[0].value as string);
        const taken = pieces.slice(0, i === position ? next : undefined);
        const aside = setAside!.filter(({ position: of }) => of === i).map(({ piece = 0 }) => piece);
        read.push(...taken.filter((__, piece) => !aside.includes(piece)));
        state = entry.next;
      }
      expect(found.flatMap(({ batch }) => textsOf(batch)).toSorted()).toEqual(read.toSorted());
    }),
    { numRuns: 30 },
  );
});

it('continues within a document from any batch with bit-equal ones', async () => {
  const long = Array.from({ length: 5 }, (_, i) => 'abcde'[i].repeat(60 * (i + 1)));
  const open = (from?: StreamedBatch['next']) =>
    streamBatches(createDocumentStream([{ source: texts('words', long) }], 1), textOptions, from);
  const whole = await take(open(), 40);
  for (let stop = 0; stop < 39; stop++) {
    const cursor = JSON.parse(JSON.stringify(whole[stop].next)) as StreamedBatch['next'];
    expect(await take(open(cursor), 1)).toEqual([whole[stop + 1]]);
  }
  expect(whole.some(({ next }) => next.piece! > 10 && next.setAside!.some(({ piece }) => piece! > 10))).toBe(
    true,
  );
});

it('continues with longer rows where it stopped with shorter ones', async () => {
  const stream = createDocumentStream([{ source: texts('words', ['ab', 'c'.repeat(300)]) }], 1);
  const { next } = (await take(streamBatches(stream, textOptions), 5))[4];
  const wider = { ...textOptions, shape: { ...textOptions.shape, rowLength: 400 } };
  const [{ batch }] = await take(streamBatches(stream, wider, next), 1);
  expect(new Set(textsOf(batch))).toEqual(new Set(['^ab$', `^${'c'.repeat(300)}$`]));
});

it('fills gaps with later documents, and begins the next batch with those set aside', async () => {
  // 'harbour' takes 9 positions of 12, 'a' takes 3; first come, first served, they would share a row in turn.
  const source = texts('words', ['harbour', 'a']);
  const stream = createDocumentStream([{ source, transform: undefined }], 2);
  const shape = { numRows: 1, rowLength: 12, spanCapacity: {} };
  for (const { batch } of await take(streamBatches(stream, { ...options, shape }), 20))
    expect(batch.numElements).toBe(12);
});

it('skips unusable records, and reports which and why', async () => {
  const source = texts('words', ['ab', 'A1', 'cd', 'ef']);
  const imaged = {
    segments: [
      { modality: 'text', value: 'ab' },
      { modality: 'image', value: plainImage(1) },
    ],
  };
  const read: typeof source.read = async (index, rng) => (index === 2 ? imaged : source.read(index, rng));
  const stream = createDocumentStream([{ source: { ...source, read } }], 1);
  const skipped: SkippedRecord[] = [];
  const onSkip = (record: SkippedRecord): void => void skipped.push(record);
  const batches = await take(streamBatches(stream, { ...textOptions, onSkip }), 5);
  for (const { batch } of batches) expect(new Set(textsOf(batch))).toEqual(new Set(['^ab$', '^ef$']));
  expect(skipped[0].source).toBe('words');
  const reasons = new Map(skipped.map(({ location, reason }) => [location, reason]));
  expect(reasons.size).toBe(2);
  expect(reasons.get('words:2')).toBe(
    'segment 0: found the string "A1", expected a value of \'text\'. Fix the value, or use another modality.',
  );
  expect(reasons.get('words:3')).toMatch(/^The document has 10 positions, expected at most 8/);
  // Each of the two once an epoch of four.
  const { position } = batches.at(-1)!.next;
  expect(Math.abs(skipped.length - position / 2)).toBeLessThanOrEqual(2);
});

it('reports the location once, apart from the reason', async () => {
  const source = texts('words', ['ab', 'cd']);
  const read: typeof source.read = async (index, rng) => {
    if (index === 0) throw new TransfusionError('invalid-record', 'words:1: the text is empty.');
    return source.read(index, rng);
  };
  const stream = createDocumentStream([{ source: { ...source, read } }], 1);
  const skipped: SkippedRecord[] = [];
  await take(streamBatches(stream, { ...textOptions, onSkip: (record) => void skipped.push(record) }), 1);
  expect(skipped[0]).toEqual({ source: 'words', location: 'words:1', reason: 'the text is empty.' });
  const strict = take(streamBatches(stream, { ...textOptions, strict: true }), 1);
  await expect(strict).rejects.toThrow(/^words:1: the text is empty\.$/);
});

it('stops at the first bad record if strict', async () => {
  const stream = createDocumentStream([{ source: texts('words', ['ab', 'A1']) }], 1);
  await expect(take(streamBatches(stream, { ...textOptions, strict: true }), 9)).rejects.toMatchObject({
    code: 'invalid-record',
    message:
      'words:2: segment 0: found the string "A1", expected a value of \'text\'. Fix the value, or use another modality.',
  });
});

it('skips records with an unknown modality', async () => {
  const source = texts('words', ['ab', 'cd']);
  const transform = captionPairs();
  const read: typeof source.read = async (index, rng) =>
    index === 0 ? { segments: [{ modality: 'txt', value: 'ab' }] } : source.read(index, rng);
  const stream = createDocumentStream([{ source: { ...source, read }, transform }], 1);
  const skipped: SkippedRecord[] = [];
  await take(streamBatches(stream, { ...textOptions, onSkip: (record) => void skipped.push(record) }), 1);
  expect(skipped[0].reason).toBe(
    "segment 0: unknown modality 'txt', expected one of 'text', 'image'. Rename it in the record, or add the modality to the model.",
  );
});

it('stops after too many bad records in a row', async () => {
  const stream = createDocumentStream([{ source: texts('words', ['A', 'B']) }], 1);
  let skipped = 0;
  const batches = streamBatches(stream, { ...textOptions, onSkip: () => void skipped++ });
  await expect(batches.next()).rejects.toThrow(
    /^words: 10000 records in a row are unusable, the last one words:\d: /,
  );
  expect(skipped).toBe(10_000);
});

it('rethrows errors that no record has caused', async () => {
  const source = texts('words', ['ab']);
  const failing = { ...source, read: () => Promise.reject(new Error('out of memory')) };
  const stream = createDocumentStream([{ source: failing }], 1);
  await expect(streamBatches(stream, textOptions).next()).rejects.toThrow(/^out of memory$/);
  const none = streamBatches(stream, { ...textOptions, readAhead: 0 });
  await expect(none.next()).rejects.toThrow('readAhead is 0');
});

it('computes the span capacity if absent, and refuses unknown groups', async () => {
  const { model, shape } = options;
  const automatic = { numRows: shape.numRows, rowLength: shape.rowLength };
  const [{ batch }] = await take(streamBatches(mixed(), { model, shape: automatic }), 1);
  expect(batch.shape).toEqual({ ...automatic, spanCapacity: { 'image:4x4x3': 6 } });
  const misspelled = { ...shape, spanCapacity: { 'image:4x4': 3 } };
  await expect(streamBatches(mixed(), { model, shape: misspelled }).next()).rejects.toThrow(
    'spanCapacity has unknown groups image:4x4, expected image:4x4x3',
  );
});

describe('without onSkip', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  afterEach(() => warn.mockClear());
  afterAll(() => warn.mockRestore());
  const warnings = (): unknown[] => warn.mock.calls.map(([message]) => message);
  const bad = (count: number): DocumentStream =>
    createDocumentStream(
      [{ source: texts('words', ['ab', ...Array.from({ length: count }, () => 'A1')]) }],
      1,
    );

  it('warns about a skipped record once, with location and reason', async () => {
    await take(streamBatches(bad(1), textOptions), 1);
    expect(warnings().filter((message) => !/skipped \d+ records/.test(String(message)))).toEqual([
      'skipped words:2: segment 0: found the string "A1", expected a value of \'text\'. Fix the value, or use another modality.',
    ]);
  });

  it('names only the first few records, then counts', async () => {
    const stream = bad(40);
    await take(streamBatches(stream, textOptions), 2);
    const first = warnings();
    expect(first.slice(0, 5)).toEqual(
      Array.from({ length: 5 }, () => expect.stringMatching(/^skipped words:\d+: segment 0/)),
    );
    expect(first.slice(5)).toEqual([expect.stringContaining('skipped 10 records')]);
    // As an evaluation does, which starts again each time.
    warn.mockClear();
    await take(streamBatches(stream, textOptions), 1);
    expect(warnings().join()).not.toContain('words:');
  });

  it('is silent if a function is passed, or nothing is skipped', async () => {
    await take(streamBatches(bad(1), { ...textOptions, onSkip: () => undefined }), 1);
    await take(streamBatches(bad(0), textOptions), 1);
    expect(warnings()).toEqual([]);
  });
});
