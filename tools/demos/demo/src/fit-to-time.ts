/** Number of training steps that fit into the demo's training time: machines differ tenfold. */
import { disposeParams } from '@transfusion/nn';
import { runRecipe } from '@transfusion/runs';
import { demoRecipe } from './demo-recipe.js';
import type { DemoSet } from './demo-set.js';
import type { DemoSettings } from './settings.js';

/** Number of steps to measure, after as many for warm-up (compiling graphs, filling caches). */
const PROBE_STEPS = 12;

/** Below the minimum nothing visible is learned, above the maximum little more. */
const [MIN_STEPS, MAX_STEPS] = [600, 4800];

/** Number of images in the progress strip. */
const NUM_SAMPLES = 6;

/**
 * Returns the settings with as many steps as fit into `trainSeconds`, judged by a few steps taken in `directory`.
 * Settings without `trainSeconds` are returned unchanged.
 */
export async function fitToTime(
  settings: DemoSettings,
  set: DemoSet,
  directory: string,
): Promise<DemoSettings> {
  const { trainSeconds } = settings;
  if (trainSeconds === undefined) return settings;
  const times: number[] = [];
  const recipe = { ...demoRecipe(settings, set), samples: undefined };
  const { ema } = await runRecipe(recipe, {
    directory,
    stopAt: 2 * PROBE_STEPS,
    onStep: ({ stepMs }) => times.push(stepMs),
  });
  disposeParams(ema);
  const measured = times.slice(PROBE_STEPS).sort((a, b) => a - b);
  const milliseconds = measured[measured.length / 2];
  const steps = Math.min(MAX_STEPS, Math.max(MIN_STEPS, Math.round((trainSeconds * 1000) / milliseconds)));
  const samplesEvery = Math.floor(steps / NUM_SAMPLES);
  return { ...settings, steps: samplesEvery * NUM_SAMPLES, samplesEvery };
}
