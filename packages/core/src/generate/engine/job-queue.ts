/**
 * Work that requests wait for, in groups that one call of the graphs can serve. Groups share the machine by
 * start-time fair queueing (Goyal et al. 1996) on measured time: a long image does not hold up a reply, nor many
 * replies an image.
 */
import type { CacheRow } from '@transfusion/tfjs-backend-onnxruntime';
import type { SpanGroupKind } from '../../sequence/span-groups.js';
import type { OpenPiece } from '../document-rows.js';
import type { FinishedSpanPiece, TokenPiece } from './step-runner.js';

/** Computation of a job. */
export type Work =
  | { readonly kind: 'tokens'; readonly piece: TokenPiece }
  | { readonly kind: 'finished-span'; readonly group: SpanGroupKind; readonly piece: FinishedSpanPiece }
  | { readonly kind: 'denoise'; readonly group: SpanGroupKind; readonly piece: OpenPiece<CacheRow> };

/** Work of a request, and where its result goes. */
export interface Job {
  readonly work: Work;
  /** Number of rows that it takes in a call. */
  readonly numRows: number;
  resolve(result: readonly (Float32Array | undefined)[]): void;
  reject(error: unknown): void;
}

interface Group {
  readonly key: string;
  readonly jobs: Job[];
  /** Milliseconds that it has had, including those that it let pass while it was idle. */
  virtualTime: number;
  /** Measured milliseconds of a row; undefined before the first call. */
  rowMilliseconds: number | undefined;
  /** Time at which its last job came. */
  lastAdded: number;
}

/** Jobs that wait. */
export interface JobQueue {
  add(key: string, job: Job): void;
  /** Takes back a job that has not been taken. */
  remove(job: Job): void;
  /** Takes the next jobs to run together, in the order in which they came; undefined if there are none. */
  take(): { readonly key: string; readonly jobs: readonly Job[] } | undefined;
  /** Records how long jobs that were taken have run. */
  ran(key: string, numRows: number, milliseconds: number): void;
  /** Sets what a row of a group costs before it has run. */
  expect(key: string, rowMilliseconds: number): void;
}

/** Limits of a call, and shares of time. */
export interface QueueLimits {
  /** Returns the maximum number of rows of a group's calls. */
  readonly maxRows: (key: string) => number;
  /** Milliseconds that a call may take while jobs of another group wait, or did a moment ago. */
  readonly maxTickMilliseconds: number;
  /** Returns a group's share of the time, relative to others; 1 by default. */
  readonly weight?: (key: string) => number;
  /** Returns the time in milliseconds. */
  readonly now?: () => number;
}

/**
 * Returns how many rows each call has if jobs take turns in as few calls as possible, of like size: the same jobs then
 * run together again, and their rows need not be moved.
 */
function balanced(jobs: readonly Job[], limit: number): number {
  const numRows = jobs.reduce((sum, job) => sum + job.numRows, 0);
  return Math.ceil(numRows / Math.ceil(numRows / limit));
}

/** Milliseconds for which a group counts as waiting after its last job: a reply comes back for its next token. */
const RECENT_MILLISECONDS = 500;

/** Weight of the last call in the measured cost of a row. */
const SMOOTHING = 0.3;

/** Creates an empty queue. */
export function createJobQueue({
  maxRows,
  maxTickMilliseconds,
  weight = () => 1,
  now = () => performance.now(),
}: QueueLimits): JobQueue {
  const groups = new Map<string, Group>();
  /** Virtual time at which the last call began: a group that comes back from idleness starts there. */
  let clock = 0;
  const busy = (): Group[] => [...groups.values()].filter(({ jobs }) => jobs.length > 0);

  const groupOf = (key: string): Group => {
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, jobs: [], virtualTime: 0, rowMilliseconds: undefined, lastAdded: -Infinity };
      groups.set(key, group);
    }
    return group;
  };

  const rowLimit = (group: Group): number => {
    const { key, rowMilliseconds } = group;
    const limit = maxRows(key);
    const others = [...groups.values()].filter((other) => other !== group);
    const since = now() - RECENT_MILLISECONDS;
    if (!others.some(({ jobs, lastAdded }) => jobs.length > 0 || lastAdded >= since)) return limit;
    // What has never run takes as little as it can while something waits.
    if (rowMilliseconds === undefined) return others.some(({ jobs }) => jobs.length > 0) ? 1 : limit;
    return Math.min(limit, Math.max(1, Math.floor(maxTickMilliseconds / rowMilliseconds)));
  };

  return {
    add: (key, job) => {
      const group = groupOf(key);
      if (group.jobs.length === 0) group.virtualTime = Math.max(group.virtualTime, clock);
      group.jobs.push(job);
      group.lastAdded = now();
    },
    remove: (job) => {
      for (const { jobs } of groups.values()) {
        const at = jobs.indexOf(job);
        if (at >= 0) jobs.splice(at, 1);
      }
    },
    take: () => {
      const waiting = busy();
      if (waiting.length === 0) return undefined;
      const next = waiting.reduce((a, b) => (b.virtualTime < a.virtualTime ? b : a));
      clock = next.virtualTime;
      const limit = balanced(next.jobs, rowLimit(next));
      let numRows = 0;
      let count = 0;
      for (const job of next.jobs) {
        if (count > 0 && numRows + job.numRows > limit) break;
        numRows += job.numRows;
        count++;
      }
      return { key: next.key, jobs: next.jobs.splice(0, count) };
    },
    expect: (key, rowMilliseconds) => {
      groupOf(key).rowMilliseconds = rowMilliseconds;
    },
    ran: (key, numRows, milliseconds) => {
      const group = groupOf(key);
      group.virtualTime += milliseconds / weight(key);
      const { rowMilliseconds: before = milliseconds / numRows } = group;
      group.rowMilliseconds = before + SMOOTHING * (milliseconds / numRows - before);
    },
  };
}
