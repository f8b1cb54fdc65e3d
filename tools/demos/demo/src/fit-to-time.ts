/** How many steps fit into the time that the demo is to train: machines differ tenfold. */
import { disposeParams } from '@transfusion/nn';
import { runRecipe } from '@transfusion/runs';
import { demoRecipe } from './demo-recipe.js';
import type { DemoSet } from './demo-set.js';
import type { DemoSettings } from './settings.js';

/** Steps to measure, after as many in which graphs are compiled and caches fill. */
const PROBE_STEPS = 12;

/** Fewer teach nothing to be seen, more little that is new. */
const [FEWEST, MOST] = [600, 4800];

/** Images of progress along the way. */
const NUM_SAMPLES = 6;

/**
 * The settings with as many steps as `trainSeconds` hold at the speed of a few steps taken in `directory`; as
 * they are without that time.
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
  const steps = Math.min(MOST, Math.max(FEWEST, Math.round((trainSeconds * 1000) / milliseconds)));
  const samplesEvery = Math.floor(steps / NUM_SAMPLES);
  return { ...settings, steps: samplesEvery * NUM_SAMPLES, samplesEvery };
}
