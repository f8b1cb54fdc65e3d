import {
  formatShape,
  type ContinuousModality,
  type ModalityRegistry,
  type Shape,
} from '@transfusion/modality';

/** Spans that are computed together: those of one modality and one latent shape. */
export interface SpanGroupKind {
  /** `image:32x32x3`. */
  readonly key: string;
  readonly modality: ContinuousModality;
  readonly latentShape: Shape;
  /** P. */
  readonly spanLength: number;
}

/** Returns the name of a group. */
export function groupKey(modality: string, latentShape: Shape): string {
  return `${modality}:${formatShape(latentShape)}`;
}

/** Lists the groups that a registry's modalities can have, in the registry's order. */
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
