import {
  formatShape,
  type ContinuousModality,
  type ModalityRegistry,
  type Shape,
} from '@transfusion/modality';

/** A kind of spans that are computed together: of one modality and one latent shape. */
export interface SpanGroupKind {
  /** Name of the group, such as `image:32x32x3`. */
  readonly key: string;
  readonly modality: ContinuousModality;
  readonly latentShape: Shape;
  /** P: positions per span. */
  readonly spanLength: number;
}

/** Returns the name of a group. */
export function groupKey(modality: string, latentShape: Shape): string {
  return `${modality}:${formatShape(latentShape)}`;
}

/** Lists the possible groups of a registry's modalities, in the registry's order. */
export function spanGroupKinds(registry: ModalityRegistry): readonly SpanGroupKind[] {
  return registry.continuous.flatMap((modality: ContinuousModality) =>
    modality.latentShapes.map((latentShape) => ({
      key: groupKey(modality.name, latentShape),
      modality,
      latentShape,
      spanLength: modality.spanLength(latentShape),
    })),
  );
}
