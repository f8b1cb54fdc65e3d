import type {
  ContinuousModality,
  DiscreteModality,
  EncodedDocument,
  ModalityRegistry,
  Segment,
} from '@transfusion/modality';

/** Turns what a model has generated back into values: the inverse of `encodeDocument`. */
export async function decodeDocument(
  modalities: ModalityRegistry,
  document: EncodedDocument,
): Promise<Segment[]> {
  return Promise.all(
    document.map(async (segment) => {
      const modality = modalities.get(segment.modality);
      if ('ids' in segment)
        return { modality: modality.name, value: (modality as DiscreteModality).decode(segment.ids) };
      const [value] = await (modality as ContinuousModality).codec.decode([segment.latent]);
      return { modality: modality.name, value };
    }),
  );
}
