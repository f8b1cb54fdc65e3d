/** Calls of the functions of a modality that encode, whose results are checked: a modality may be of others. */
import { TransfusionError } from '@transfusion/errors';
import { callPlugin } from './call-plugin.js';
import { checkLatent } from './check-latent.js';
import { describeValue } from './describe-value.js';
import { sizeOf, type Latent } from './latent.js';
import type { ContinuousModality, DiscreteModality } from './modality.js';
import { checkCount, joinPlaces, wrongResult } from './wrong-result.js';

/**
 * Encodes a value of a discrete modality, and checks the ids.
 *
 * @param where the value, for messages: `segment 1`
 * @throws TransfusionError what `encode` throws, naming value and modality; `invalid-plugin` for anything but an Int32Array
 *   of ids, or other than `tokensPerValue`
 */
export async function encodeIds(
  modality: DiscreteModality,
  value: unknown,
  where: string,
): Promise<Int32Array> {
  const { name, vocabSize, tokensPerValue } = modality;
  const subject = `${where}: encode() of modality '${name}'`;
  const ids: unknown = await callPlugin(subject, () => modality.encode(value));
  if (!(ids instanceof Int32Array)) {
    throw wrongResult(subject, describeValue(ids), 'an Int32Array of ids', 'Return Int32Array.from(ids).');
  }
  const outside = ids.find((id) => id < 0 || id >= vocabSize);
  if (outside !== undefined) {
    const expected = `ids from 0 to ${vocabSize - 1} (vocabSize - 1)`;
    throw wrongResult(subject, `the id ${outside}`, expected, 'Correct encode(), or vocabSize.');
  }
  if (tokensPerValue !== undefined && ids.length !== tokensPerValue) {
    const expected = `${tokensPerValue} (tokensPerValue)`;
    throw wrongResult(
      subject,
      `${ids.length} ids`,
      expected,
      'Correct encode(), or leave tokensPerValue out.',
    );
  }
  return ids;
}

/**
 * Encodes values with the codec of a modality, in one call, and checks the latents.
 *
 * @param wheres each value, for messages: `segment 1`
 * @throws TransfusionError what `codec.encode` throws, naming values and modality; `invalid-plugin` for a number of latents
 *   other than of values, or anything but latents; `mismatch` for a latent of a shape that the modality does not list;
 *   `invalid-record` for one with a non-finite element
 */
export async function encodeLatents(
  modality: ContinuousModality,
  values: readonly unknown[],
  wheres: readonly string[],
): Promise<readonly Latent[]> {
  const call = `codec.encode() of modality '${modality.name}'`;
  const subject = `${joinPlaces(wheres)}: ${call}`;
  const latents: unknown = await callPlugin(subject, () => modality.codec.encode(values));
  checkCount(latents, wheres, call, 'latents', 'value');
  latents.forEach((latent, i) => checkEncoded(modality, latent, `${wheres[i]}: ${call}`));
  return latents as readonly Latent[];
}

function checkEncoded(modality: ContinuousModality, latent: unknown, subject: string): void {
  const { shape, data } = Object(latent) as Partial<Latent>;
  if (!Array.isArray(shape) || !(data instanceof Float32Array)) {
    const found = Array.isArray(shape)
      ? `a latent with data of ${describeValue(data)}`
      : describeValue(latent);
    throw wrongResult(subject, found, 'a latent', 'Return { shape, data: Float32Array }.');
  }
  if (data.length !== sizeOf(shape)) {
    const expected = `${sizeOf(shape)} for [${shape.join(', ')}]`;
    throw wrongResult(
      subject,
      `a latent of ${data.length} elements`,
      expected,
      'Correct its shape, or its data.',
    );
  }
  checkLatent(modality, latent as Latent, subject);
  const nonFinite = data.findIndex((element) => !Number.isFinite(element));
  if (nonFinite < 0) return;
  throw new TransfusionError(
    'invalid-record',
    `${subject} returned ${data[nonFinite]} at ${nonFinite} of the latent, expected finite numbers. ` +
      'Correct the value, or the codec.',
  );
}
