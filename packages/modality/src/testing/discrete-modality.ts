import { isDeepStrictEqual } from 'node:util';
import type { ModalityFactory } from '../modality-factory.js';
import type { DiscreteModality } from '../modality.js';
import { acceptsCheck, expectThat, type ConformanceCheck } from './conformance-check.js';
import { mediaChecks } from './media.js';
import { rebuildChecks } from './rebuild.js';

/** Examples for {@link discreteModalityChecks}. */
export interface DiscreteModalityExamples<Value> {
  /** Values of all sorts: empty, short, long, unusual. */
  readonly values: readonly Value[];
  /** Additional values that must be refused, besides undefined, null, a symbol and a function. */
  readonly foreignValues?: readonly unknown[];
  /** Returns true if a decoded value is close enough to the original; defaults to deep equality. */
  readonly equal?: (original: Value, decoded: Value) => boolean;
  /** Like `equal`, for a value that was written to a file and read again; defaults to deep equality. */
  readonly mediaEqual?: (original: Value, decoded: Value) => boolean;
  /** Factory that rebuilds the modality from a checkpoint, if there is one. */
  readonly factory?: ModalityFactory;
}

/** Returns the conformance checks of a discrete modality, for the tests of a plug-in. */
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
        expectThat(
          ids instanceof Int32Array,
          () => `encode() of the example ${i} does not return an Int32Array`,
        );
        const outOfRange = ids.find((id) => id < 0 || id >= vocabSize);
        expectThat(
          outOfRange === undefined,
          () => `encode() of the example ${i} returns the id ${outOfRange}, but vocabSize is ${vocabSize}`,
        );
        expectThat(
          tokensPerValue === undefined || ids.length === tokensPerValue,
          () =>
            `encode() of the example ${i} returns ${ids.length} ids, but tokensPerValue is ${tokensPerValue}`,
        );
      }),
    },
    {
      name: `${name}: decode inverts encode`,
      run: forEachValue(async (value, ids, i) => {
        const decoded = await modality.decode(ids);
        expectThat(equal(value, decoded), () => `example ${i} is decoded as ${formatValue(decoded)}`);
      }),
    },
    {
      name: `${name}: encode is deterministic`,
      run: forEachValue(async (value, ids, i) => {
        expectThat(
          isDeepStrictEqual(await modality.encode(value), ids),
          () => `encode() of the example ${i} returns different ids the second time`,
        );
      }),
    },
    {
      name: `${name}: every prefix of an encoded value can be decoded`,
      run: forEachValue(async (_, ids, i) => {
        for (let length = 0; length <= ids.length; length++) {
          const decoded = await decodeOrFail(modality, ids.slice(0, length), i);
          expectThat(
            modality.accepts(decoded),
            () =>
              `the first ${length} ids of the example ${i} decode to ${formatValue(decoded)}, which is not accepted`,
          );
        }
      }),
    },
    ...mediaChecks(modality, values, (value, decoded, i) =>
      expectThat(
        mediaEqual(value, decoded),
        () => `example ${i} is read from its file as ${formatValue(decoded)}`,
      ),
    ),
    ...rebuildChecks(modality, factory, async (rebuilt) => {
      const encoded: Int32Array[] = [];
      for (const value of values) encoded.push(await rebuilt.encode(value));
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

function formatValue(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
