/** Returns the scale of the noise at a timestep, between those of a schedule that is noisiest first. */
export function noiseAt(
  schedule: readonly (readonly [timestep: number, sigma: number])[],
  timestep: number,
): number {
  const after = schedule.findIndex(([t]) => t <= timestep);
  if (after === -1) return schedule.at(-1)?.[1] ?? 0;
  const [t, sigma] = schedule[after];
  if (after === 0) return sigma;
  const [tBefore, sigmaBefore] = schedule[after - 1];
  return sigma + ((sigmaBefore - sigma) * (timestep - t)) / (tBefore - t);
}
