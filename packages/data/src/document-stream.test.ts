import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createDocumentStream,
  type DocumentStream,
  type StreamCursor,
  type StreamEntry,
} from './document-stream.js';
import type { DocumentSource } from './document-source.js';
import { texts } from './testing-internals/toy-documents.js';

const letters = texts('letters', ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
const doubles = texts('doubles', ['aa', 'bb', 'cc']);

function entries(stream: DocumentStream, count: number, start: StreamCursor = stream.start): StreamEntry[] {
  const read: StreamEntry[] = [];
  let cursor = start;
  for (let i = 0; i < count; i++) {
    read.push(stream.at(cursor));
    cursor = read[i].next;
  }
  return read;
}

const identify = ({ source, index, epoch, rng }: StreamEntry) => [source.name, index, epoch, rng.state()];

it('mixes sources by their weights', () => {
  const stream = createDocumentStream(
    [{ source: letters, weight: 3 }, { source: doubles }, { source: texts('rare', ['z']), weight: 0.5 }],
    1,
  );
  const counts: Record<string, number> = { letters: 0, doubles: 0, rare: 0 };
  for (const { source } of entries(stream, 10_000)) counts[source.name]++;
  // Five standard deviations of a count of 10,000 are at most 250.
  expect(Math.abs(counts['letters'] - 10_000 * (3 / 4.5))).toBeLessThan(250);
  expect(Math.abs(counts['doubles'] - 10_000 * (1 / 4.5))).toBeLessThan(250);
  expect(Math.abs(counts['rare'] - 10_000 * (0.5 / 4.5))).toBeLessThan(250);
});

it('returns each record once per epoch, in a different order each time', () => {
  const stream = createDocumentStream([{ source: letters }, { source: doubles }], 1);
  const ofLetters = entries(stream, 2000).filter(({ source }) => source === letters);
  const orders = Array.from({ length: 100 }, (_, epoch) => {
    const found = ofLetters.slice(7 * epoch, 7 * (epoch + 1));
    expect(found.map((entry) => entry.epoch)).toEqual(new Array(7).fill(epoch));
    const order = found.map(({ index }) => index);
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    return order.join('');
  });
  expect(new Set(orders).size).toBeGreaterThan(90);
});

it('is determined by the seed', () => {
  const sequence = (seed: number) =>
    JSON.stringify(
      entries(createDocumentStream([{ source: letters }, { source: doubles }], seed), 50).map(identify),
    );
  expect(sequence(1)).toBe(sequence(1));
  expect(sequence(1)).not.toBe(sequence(2));
});

it('returns the entry at a cursor, whatever was read before', () => {
  const stream = createDocumentStream([{ source: letters, weight: 2 }, { source: doubles }], 3);
  const inOrder = entries(stream, 60);
  const cursors = [stream.start, ...inOrder.map(({ next }) => next)].slice(0, 60);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 59 }), { maxLength: 40 }), (positions) => {
      for (const position of positions) {
        // Through JSON, as a checkpoint keeps it.
        const cursor = JSON.parse(JSON.stringify(cursors[position])) as StreamCursor;
        expect(identify(stream.at(cursor))).toEqual(identify(inOrder[position]));
      }
    }),
  );
});

it('continues from any cursor as if it had not stopped', () => {
  const make = () => createDocumentStream([{ source: letters }, { source: doubles }], 4);
  const whole = entries(make(), 80);
  fc.assert(
    fc.property(fc.nat({ max: 40 }), (stop) => {
      const stream = make();
      const first = entries(stream, stop);
      const rest = entries(make(), 30, first.at(-1)?.next);
      expect(rest.map(identify)).toEqual(whole.slice(stop, stop + 30).map(identify));
    }),
  );
});

it('transforms what it reads, with numbers of the place', async () => {
  const source = texts('one', ['a']);
  const stream = createDocumentStream(
    [{ source, transform: (_, rng) => ({ segments: [{ modality: 'text', value: rng.uint32() }] }) }],
    1,
  );
  const values = await Promise.all(
    entries(stream, 20).map(async (entry) => (await entry.read()).segments[0].value),
  );
  expect(new Set(values).size).toBe(20);
  expect((await stream.at(stream.start).read()).segments[0].value).toBe(values[0]);
});

it('throws without sources, for empty ones, weights that are not positive, and cursors of other streams', () => {
  const stream = createDocumentStream([{ source: letters }], 1);
  expect(() => createDocumentStream([], 1)).toThrow('there are no sources');
  expect(() => createDocumentStream([{ source: texts('void', []) }], 1)).toThrow("'void' has no records");
  for (const weight of [0, -1, NaN, Infinity])
    expect(() => createDocumentStream([{ source: letters, weight }], 1)).toThrow(`'letters' is ${weight}`);
  expect(() => stream.at({ position: 2, taken: [1, 1] })).toThrow(
    'the cursor was saved with 2 sources, but there are 1',
  );
});

it('continues with a data set that was moved, in the same order', () => {
  const { next } = entries(createDocumentStream([{ source: letters }, { source: doubles }], 1), 9)[8];
  const order = (source: DocumentSource) =>
    entries(createDocumentStream([{ source }, { source: doubles }], 1), 20, next).map(({ index }) => index);
  expect(order({ ...letters, name: '/elsewhere/letters' })).toEqual(order(letters));
});

it('refuses a cursor if the number of records has changed', () => {
  const { next } = entries(createDocumentStream([{ source: letters }, { source: doubles }], 1), 9)[8];
  const changed = createDocumentStream(
    [{ source: letters }, { source: texts('four', ['a', 'b', 'c', 'd']) }],
    1,
  );
  expect(() => changed.at(next)).toThrow(
    "source 1, 'four', has 4 records, but the cursor was saved with 3 in 'doubles'.",
  );
});
