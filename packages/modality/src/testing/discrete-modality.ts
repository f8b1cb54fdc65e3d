import { isDeepStrictEqual } from 'node:util';
import type { DiscreteModality } from '../modality.js';
import { acceptsCheck, expectThat, type ConformanceCheck } from './conformance-check.js';

/** What the checks are made with. */
export interface DiscreteModalityExamples<Value> {
  /** Values of all sorts: empty, short, long, odd. */
  readonly values: readonly Value[];
  /** More values that must be refused, besides undefined, null, a symbol and a function. */
  readonly foreignValues?: readonly unknown[];
  /** Whether a decoded value is good enough; deep equality by default. */
  readonly equal?: (original: Value, decoded: Value) => boolean;
}

/** What every discrete modality must do; for the tests of a plug-in. */
export function discreteModalityChecks<Value>(
  modality: DiscreteModality<string, Value>,
  { values, foreignValues = [], equal = isDeepStrictEqual }: DiscreteModalityExamples<Value>,
): readonly ConformanceCheck[] {
  const { name, vocabSize } = modality;
  const forEachValue =
    (check: (value: Value, ids: Int32Array, i: number) => void | Promise<void>) =>
    async (): Promise<void> => {
      for (const [i, value] of values.entries()) await check(value, await modality.encode(value), i);
    };
  return [
    {
      name: `${name}: vocabSize is a positive whole number, and an id is not empty`,
      run: () => {
        expectThat(Number.isInteger(vocabSize) && vocabSize > 0, () => `vocabSize is ${vocabSize}`);
        expectThat(modality.id !== '', () => 'id is empty');
      },
    },
    acceptsCheck(modality, values, foreignValues),
    {
      name: `${name}: ids are an Int32Array of numbers from 0 to vocabSize - 1`,
      run: forEachValue((_, ids, i) => {
        expectThat(ids instanceof Int32Array, () => `encode() of the example ${i} gives no Int32Array`);
        const wrong = ids.find((id) => id < 0 || id >= vocabSize);
        expectThat(
          wrong === undefined,
          () => `encode() of the example ${i} gives the id ${wrong}, but vocabSize is ${vocabSize}`,
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
