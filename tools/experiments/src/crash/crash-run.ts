/**
 * Kills a training run again and again, resumes it each time, and compares its log with that of an
 * undisturbed run.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRng } from '@transfusion/nn';
import { listCheckpoints, readMetrics, type MetricsLine } from '@transfusion/trainer';
import { readWholeCheckpoint } from './whole-checkpoint.js';

export interface CrashReport {
  /**
   * Kills in training steps, and while a checkpoint was written or deleted and a part of it was left. Fewer in
   * total than requested if the run finished first.
   */
  readonly kills: { readonly inSteps: number; readonly inSave: number };
  /** Steps that were repeated after a kill. */
  readonly repeatedSteps: number;
  /** Steps whose logged loss or gradient differs from the undisturbed run's in any bit. */
  readonly differingSteps: readonly number[];
  readonly totalSteps: number;
}

/** Saves of the child take 10 to 40 ms. */
const LONGEST_SAVE_DELAY = 16;

/** Runs both in `directory`. Rejects if a run cannot resume, or if a checkpoint is not whole after a kill. */
export async function crashRun(
  directory: string,
  { kills, totalSteps, seed }: { readonly kills: number; readonly totalSteps: number; readonly seed: number },
): Promise<CrashReport> {
  const undisturbed = join(directory, 'undisturbed');
  const disturbed = join(directory, 'disturbed');
  await runToEnd(undisturbed, totalSteps);

  const rng = createRng(seed);
  const counts = { inSteps: 0, inSave: 0 };
  let repeatedSteps = 0;
  for (let kill = 0; kill < kills; kill++) {
    // A third of them in a save, though one may come too late; the others after a random time.
    const { reached, wasKilled } =
      counts.inSave < Math.floor((kill + 1) / 3)
        ? await killInSave(disturbed, totalSteps, rng.integer(LONGEST_SAVE_DELAY))
        : await killAfter(disturbed, totalSteps, rng.integer(400));
    // It finished first.
    if (!wasKilled) break;
    counts[(await hasLeftovers(disturbed)) ? 'inSave' : 'inSteps']++;
    const stored = await listCheckpoints(checkpointsOf(disturbed));
    for (const { path } of stored) await readWholeCheckpoint(path);
    repeatedSteps += Math.max(0, reached - (stored.at(-1)?.step ?? 0));
  }
  await runToEnd(disturbed, totalSteps);
  const [expected, found] = await Promise.all([undisturbed, disturbed].map(lossesOf));
  const differingSteps = [...expected]
    .filter(([step, line]) => found.get(step) !== line)
    .map(([step]) => step);
  return { kills: counts, repeatedSteps, differingSteps, totalSteps };
}

function start(directory: string, totalSteps: number): ChildProcess {
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fileURLToPath(new URL('train-child.ts', import.meta.url));
  return fork(child, [directory, String(totalSteps)], {
    execArgv: ['--conditions=@transfusion/source', '--import', typescriptLoader],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function runToEnd(directory: string, totalSteps: number): Promise<void> {
  const child = start(directory, totalSteps);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  if (code !== 0) throw new Error(`the run in ${directory} ended with ${String(code)}`);
}

interface Killing {
  /** The last step that the process reported. */
  readonly reached: number;
  /** False if the run finished first. */
  readonly wasKilled: boolean;
}

/** Delay of the kill after the first step, in milliseconds. */
async function killAfter(directory: string, totalSteps: number, milliseconds: number): Promise<Killing> {
  return killed(start(directory, totalSteps), (child) => {
    child.once('message', () => setTimeout(() => child.kill('SIGKILL'), milliseconds));
  });
}

/** Delay of the kill after the first file of a new checkpoint appears, in milliseconds. */
async function killInSave(directory: string, totalSteps: number, milliseconds: number): Promise<Killing> {
  const checkpoints = checkpointsOf(directory);
  await mkdir(checkpoints, { recursive: true });
  return killed(start(directory, totalSteps), (child) => {
    child.once('message', () => {
      const watcher = watch(checkpoints, (_event, name) => {
        if (!name?.startsWith('.tmp-step')) return;
        watcher.close();
        setTimeout(() => child.kill('SIGKILL'), milliseconds);
      });
      child.once('exit', () => watcher.close());
    });
  });
}

async function killed(child: ChildProcess, plan: (child: ChildProcess) => void): Promise<Killing> {
  let reached = 0;
  child.on('message', (step) => (reached = step as number));
  plan(child);
  const code = await new Promise((resolve) => child.on('exit', (exitCode) => resolve(exitCode)));
  if (code !== null && code !== 0) throw new Error(`the run ended by itself with ${String(code)}`);
  return { reached, wasKilled: code === null };
}

function checkpointsOf(directory: string): string {
  return join(directory, 'checkpoints');
}

/** Returns true if something is half-written, or half-deleted. */
async function hasLeftovers(directory: string): Promise<boolean> {
  return (await readdir(checkpointsOf(directory))).some((name) => name.startsWith('.tmp-'));
}

/** Returns each step's metrics, without its times. */
async function lossesOf(directory: string): Promise<Map<number, string>> {
  const lines = await readMetrics(join(directory, 'metrics.jsonl'));
  return new Map(lines.map((line) => [line.step, metricsOf(line)]));
}

function metricsOf({ stepMs: _step, waitMs: _wait, ...metrics }: MetricsLine): string {
  return JSON.stringify(metrics);
}
