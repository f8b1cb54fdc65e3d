import { formatShape, type Latent } from '@transfusion/modality';

/** Groups the indices of latents with equal shapes, at most `batchSize` per group. */
export function batchesOfOneShape(latents: readonly Latent[], batchSize: number): number[][] {
  const byShape = new Map<string, number[][]>();
  latents.forEach(({ shape }, index) => {
    const key = formatShape(shape);
    const batches = byShape.get(key) ?? [];
    byShape.set(key, batches);
    const last = batches.at(-1);
    if (last === undefined || last.length === batchSize) batches.push([index]);
    else last.push(index);
  });
  return [...byShape.values()].flat();
}
