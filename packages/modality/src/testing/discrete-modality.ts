import { isDeepStrictEqual } from 'node:util';
import { decodeIds } from '../decode-values.js';
import { encodeIds } from '../encode-values.js';
import type { ModalityFactory } from '../modality-factory.js';
import type { DiscreteModality } from '../modality.js';
import { acceptsCheck, checksOfFields, expectThat, type ConformanceCheck } from './conformance-check.js';
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
  examples: DiscreteModalityExamples<Value>,
): readonly ConformanceCheck[] {
  return checksOfFields(modality, () => checksOfFunctions(modality, examples));
}

function checksOfFunctions<Value>(
  modality: DiscreteModality<string, Value>,
  {
    values,
    foreignValues = [],
    equal = isDeepStrictEqual,
    mediaEqual = isDeepStrictEqual,
    factory,
  }: DiscreteModalityExamples<Value>,
): readonly ConformanceCheck[] {
  const { name } = modality;
  const encode = (value: Value, i: number): Promise<Int32Array> =>
    encodeIds(modality as DiscreteModality, value, `example ${i}`);
  const decode = (ids: Int32Array, where: string): Promise<unknown> =>
    decodeIds(modality as DiscreteModality, ids, where);
  const forEachValue =
    (check: (value: Value, ids: Int32Array, i: number) => void | Promise<void>) =>
    async (): Promise<void> => {
      for (const [i, value] of values.entries()) await check(value, await encode(value, i), i);
    };
  return [
    acceptsCheck(modality, values, foreignValues),
    {
      name: `${name}: ids are an Int32Array of integers from 0 to vocabSize - 1, tokensPerValue of them`,
      run: forEachValue(() => undefined),
    },
    {
      name: `${name}: decode inverts encode`,
      run: forEachValue(async (value, ids, i) => {
        const decoded = (await decode(ids, `example ${i}`)) as Value;
        expectThat(
          equal(value, decoded),
          () =>
            `decode() returned ${formatValue(decoded)} for the ids of the example ${i}, expected ${formatValue(value)}`,
        );
      }),
    },
    {
      name: `${name}: encode is deterministic`,
      run: forEachValue(async (value, ids, i) => {
        const again = await encode(value, i);
        expectThat(
          isDeepStrictEqual(again, ids),
          () =>
            `encode() of the example ${i} returned [${again}] the second time, expected [${ids}] as the first time`,
        );
      }),
    },
    {
      name: `${name}: every prefix of an encoded value can be decoded`,
      run: forEachValue(async (_, ids, i) => {
        for (let length = 0; length <= ids.length; length++) {
          const decoded = await decode(ids.slice(0, length), `the first ${length} ids of the example ${i}`);
          expectThat(
            modality.accepts(decoded),
            () =>
              `decode() returned ${formatValue(decoded)} for the first ${length} ids of the example ${i}, expected a ` +
              'value that accepts() accepts',
          );
        }
      }),
    },
    ...mediaChecks(modality, values, (value, decoded, i) =>
      expectThat(
        mediaEqual(value, decoded),
        () =>
          `media.decode() returned ${formatValue(decoded)} for the file of the example ${i}, expected ${formatValue(value)}`,
      ),
    ),
    ...rebuildChecks(modality, factory, async (rebuilt) => {
      const encoded: Int32Array[] = [];
      for (const value of values) encoded.push(await rebuilt.encode(value));
      return encoded;
    }),
  ];
}

function formatValue(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
