/** Calls of the functions of a modality that decode, whose results are checked: a modality may be of others. */
import { callPlugin } from './call-plugin.js';
import { checkCount, joinPlaces, wrongResult } from './wrong-result.js';
import type { Latent } from './latent.js';
import type { ContinuousModality, DiscreteModality } from './modality.js';

/**
 * Decodes ids of a discrete modality.
 *
 * @param where the ids, for messages: `segment 1`
 * @throws TransfusionError what `decode` throws, naming place and modality; `invalid-plugin` if it returns no value
 */
export async function decodeIds(
  modality: DiscreteModality,
  ids: Int32Array,
  where: string,
): Promise<unknown> {
  const subject = `${where}: decode() of modality '${modality.name}'`;
  const value = await callPlugin(subject, () => modality.decode(ids));
  if (value == null) throw noValue(subject, value);
  return value;
}

/**
 * Decodes latents with the codec of a modality, in one call.
 *
 * @param wheres each latent, for messages: `segment 1`
 * @throws TransfusionError what `codec.decode` throws, naming places and modality; `invalid-plugin` if it does not return a
 *   value for each latent
 */
export async function decodeLatents(
  modality: ContinuousModality,
  latents: readonly Latent[],
  wheres: readonly string[],
): Promise<readonly unknown[]> {
  const call = `codec.decode() of modality '${modality.name}'`;
  const subject = `${joinPlaces(wheres)}: ${call}`;
  const values: unknown = await callPlugin(subject, () => modality.codec.decode(latents));
  checkCount(values, wheres, call, 'values', 'latent');
  values.forEach((value, i) => {
    if (value == null) throw noValue(`${wheres[i]}: ${call}`, value);
  });
  return values;
}

/**
 * Returns the codec's rough value of a latent; undefined if the codec has none.
 *
 * @param where the latent, for messages: `segment 1`
 * @throws TransfusionError what `codec.preview` throws, naming place and modality; `invalid-plugin` if it does not return one
 *   value
 */
export function previewLatent({ name, codec }: ContinuousModality, latent: Latent, where: string): unknown {
  if (codec.preview === undefined) return undefined;
  const call = `codec.preview() of modality '${name}'`;
  const values: unknown = callPlugin(`${where}: ${call}`, () => codec.preview?.([latent]));
  checkCount(values, [where], call, 'values', 'latent');
  return values[0];
}

function noValue(subject: string, found: null | undefined): Error {
  return wrongResult(subject, String(found), 'a value', 'Return one for all that can be generated.');
}
