import { isDeepStrictEqual } from 'node:util';
import type { ModalityFactory } from '../modality-factory.js';
import type { DiscreteModality } from '../modality.js';
import { acceptsCheck, expectThat, type ConformanceCheck } from './conformance-check.js';
import { mediaChecks } from './media.js';
import { rebuildChecks } from './rebuild.js';

/** Examples for {@link discreteModalityChecks}. */
export interface DiscreteModalityExamples<Value> {
  /** Values of all sorts: empty, short, long, odd. */
  readonly values: readonly Value[];
  /** More values that must be refused, besides undefined, null, a symbol and a function. */
  readonly foreignValues?: readonly unknown[];
  /** Returns true if a decoded value is close enough to the original; defaults to deep equality. */
  readonly equal?: (original: Value, decoded: Value) => boolean;
  /** As `equal`, of a value that was written to a file and read again; defaults to deep equality. */
  readonly mediaEqual?: (original: Value, decoded: Value) => boolean;
  /** The factory that rebuilds the modality from a checkpoint, if there is one. */
  readonly factory?: ModalityFactory;
}

/** Returns the checks that every discrete modality must pass; for the tests of a plug-in. */
export function discreteModalityChecks<Value>(
  modality: DiscreteModality<string, Value>,
  {
    values,
    foreignValues = [],
    equal = isDeepStrictEqual,
    mediaEqual = isDeepStrictEqual,
    factory,
  }: DiscreteModalityExamples<Value>,
): readonly ConformanceCheck[] {
  const { name, vocabSize, tokensPerValue } = modality;
  const forEachValue =
    (check: (value: Value, ids: Int32Array, i: number) => void | Promise<void>) =>
    async (): Promise<void> => {
      for (const [i, value] of values.entries()) await check(value, await modality.encode(value), i);
    };
  return [
    {
      name: `${name}: vocabSize is a positive integer, and an id is not empty`,
      run: () => {
        expectThat(Number.isInteger(vocabSize) && vocabSize > 0, () => `vocabSize is ${vocabSize}`);
        expectThat(modality.id !== '', () => 'id is empty');
      },
    },
    acceptsCheck(modality, values, foreignValues),
    {
      name: `${name}: ids are an Int32Array of integers from 0 to vocabSize - 1, tokensPerValue of them`,
      run: forEachValue((_, ids, i) => {
        expectThat(ids instanceof Int32Array, () => `encode() of the example ${i} gives no Int32Array`);
        const wrong = ids.find((id) => id < 0 || id >= vocabSize);
        expectThat(
          wrong === undefined,
          () => `encode() of the example ${i} gives the id ${wrong}, but vocabSize is ${vocabSize}`,
        );
        expectThat(
          tokensPerValue === undefined || ids.length === tokensPerValue,
          () =>
            `encode() of the example ${i} gives ${ids.length} ids, but tokensPerValue is ${tokensPerValue}`,
        );
      }),
    },
    {
      name: `${name}: decode gives back what was encoded`,
      run: forEachValue(async (value, ids, i) => {
        const decoded = await modality.decode(ids);
        expectThat(equal(value, decoded), () => `example ${i} comes back as ${shown(decoded)}`);
      }),
    },
    {
      name: `${name}: equal values give equal ids`,
      run: forEachValue(async (value, ids, i) => {
        expectThat(
          isDeepStrictEqual(await modality.encode(value), ids),
          () => `encode() of the example ${i} gives other ids the second time`,
        );
      }),
    },
    {
      name: `${name}: every beginning of an encoded value can be decoded`,
      run: forEachValue(async (_, ids, i) => {
        for (let length = 0; length <= ids.length; length++) {
          const decoded = await decodeOrFail(modality, ids.slice(0, length), i);
          expectThat(
            modality.accepts(decoded),
            () =>
              `the first ${length} ids of the example ${i} decode to ${shown(decoded)}, which is no value`,
          );
        }
      }),
    },
    ...mediaChecks(modality, values, (value, decoded, i) =>
      expectThat(
        mediaEqual(value, decoded),
        () => `example ${i} comes back from its file as ${shown(decoded)}`,
      ),
    ),
    ...rebuildChecks(modality, factory, async (one) => {
      const encoded: Int32Array[] = [];
      for (const value of values) encoded.push(await one.encode(value));
      return encoded;
    }),
  ];
}

async function decodeOrFail<Value>(
  modality: DiscreteModality<string, Value>,
  ids: Int32Array,
  i: number,
): Promise<Value> {
  try {
    return await modality.decode(ids);
  } catch (cause) {
    throw new Error(`decode() throws for the first ${ids.length} ids of the example ${i}`, { cause });
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
