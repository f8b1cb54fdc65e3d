import { findStop } from '@transfusion/core';
import {
  decodeIds,
  type DiscreteModality,
  type EncodedDocument,
  type ModalityRegistry,
  type Segment,
} from '@transfusion/modality';

/**
 * Cuts off the stop string that a document ends in.
 *
 * @param decoded the segments that `document` decodes to, the last of which has the stop string
 */
export async function cutStop(
  modalities: ModalityRegistry,
  document: EncodedDocument,
  decoded: readonly Segment[],
  stop: readonly string[],
): Promise<Segment[]> {
  const segments = [...decoded];
  const last = segments.length - 1;
  const { modality, value } = segments[last];
  const { ids } = document[last] as { readonly ids: Int32Array };
  const before = await decodeIds(
    modalities.get(modality) as DiscreteModality,
    ids.subarray(0, -1),
    'generate',
  );
  const index = findStop(value as string, before as string, stop);
  if (index >= 0) segments[last] = { modality, value: (value as string).slice(0, index) };
  return segments;
}
