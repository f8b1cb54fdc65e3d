import type { InferenceStep } from '@transfusion/diffusion';

/**
 * Lists the steps with each one taken `numResamples` times, except the last. A corrector step (Heun) is
 * repeated together with the step it corrects.
 */
export function resampledSteps(
  steps: readonly InferenceStep[],
  numResamples: number,
): readonly InferenceStep[] {
  const groups: InferenceStep[][] = [];
  for (const step of steps) {
    const isCorrector = step.tPrev === step.t;
    if (isCorrector) groups[groups.length - 1].push(step);
    else groups.push([step]);
  }
  return groups.flatMap((group, i) =>
    i === groups.length - 1 ? group : new Array<InferenceStep[]>(numResamples).fill(group).flat(),
  );
}
