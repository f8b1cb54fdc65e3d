import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SpecEvent, SuiteJob } from './spec-log.js';

const HANGS_AFTER_SECONDS = 60;
const MAX_PROCESSES = 10;

export interface ShardOptions extends Omit<SuiteJob, 'logPath'> {
  readonly bundlePath: string;
  /** Folder of the job and log files. */
  readonly directory: string;
  /** Let the process's output through to standard error. */
  readonly verbose: boolean;
}

/**
 * Runs one share of the suite. When a spec kills its process or blocks it for a minute, that spec
 * fails and a new process goes on with the rest.
 */
export async function runShard(options: ShardOptions): Promise<SpecEvent[]> {
  const { bundlePath, directory, verbose, ...job } = options;
  const path = (kind: string): string => join(directory, `${kind}-${job.shard.index}`);
  const logPath = path('log');
  const events: SpecEvent[] = [];
  const omit = [...job.omit];

  for (let processes = 0; processes < MAX_PROCESSES; processes++) {
    writeFileSync(logPath, '');
    writeFileSync(path('job'), JSON.stringify({ ...job, omit, logPath } satisfies SuiteJob));
    const end = await runProcess([bundlePath, path('job')], logPath, verbose);
    const logged = readLog(logPath);
    events.push(...logged);

    const failures = [{ message: `The process ${end.cause}.`, stack: end.errorOutput }];
    if (logged.at(-1)?.type === 'completed') {
      if (!end.clean) events.push({ type: 'block-failed', name: 'end of the process', failures });
      return events;
    }
    if (!logged.some(({ type }) => type === 'registered')) {
      throw new Error(`${job.backend}: the suite did not load: ${failures[0]?.message}\n${end.errorOutput}`);
    }
    const running = lastUnfinished(logged);
    if (running === undefined) {
      events.push({ type: 'block-failed', name: 'between specs', failures });
      return events;
    }
    events.push({ type: 'finished', name: running, status: 'failed', failures });
    omit.push(running, ...logged.flatMap((event) => (event.type === 'finished' ? [event.name] : [])));
  }
  return events;
}

interface ProcessEnd {
  readonly clean: boolean;
  readonly cause: string;
  readonly errorOutput: string;
}

function runProcess(args: string[], logPath: string, verbose: boolean): Promise<ProcessEnd> {
  return new Promise((resolve, reject) => {
    const nodeOptions = verbose ? ['--enable-source-maps'] : [];
    const child = spawn(process.execPath, [...nodeOptions, ...args], {
      stdio: ['ignore', verbose ? 2 : 'ignore', 'pipe'],
    });

    let errorOutput = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errorOutput = (errorOutput + text).slice(-4000);
      if (verbose) process.stderr.write(text);
    });

    let size = 0;
    let quietSeconds = 0;
    const watchdog = setInterval(() => {
      const newSize = statSync(logPath).size;
      quietSeconds = newSize === size ? quietSeconds + 1 : 0;
      size = newSize;
      if (quietSeconds >= HANGS_AFTER_SECONDS) child.kill('SIGKILL');
    }, 1000);

    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watchdog);
      const hung = quietSeconds >= HANGS_AFTER_SECONDS;
      const cause = hung
        ? `made no progress for ${HANGS_AFTER_SECONDS} s and was stopped`
        : signal !== null
          ? `was killed by ${signal}`
          : `exited with code ${code}`;
      resolve({ clean: code === 0, cause, errorOutput });
    });
  });
}

function readLog(logPath: string): SpecEvent[] {
  if (!existsSync(logPath)) return [];
  const lines = readFileSync(logPath, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SpecEvent);
}

function lastUnfinished(events: readonly SpecEvent[]): string | undefined {
  const last = events.findLast(({ type }) => type === 'started' || type === 'finished');
  return last?.type === 'started' ? last.name : undefined;
}
