/**
 * Work that requests wait for, in groups that one call of the graphs can serve. Groups share the machine by
 * start-time fair queueing (Goyal et al. 1996) on measured time: a long image does not hold up a reply, nor many
 * replies an image.
 */
import type { SpanGroupKind } from '../../sequence/span-groups.js';
import type { FinishedSpanPiece, SpanPiece, TokenPiece } from './step-runner.js';

/** Computation of a job. */
export type Work =
  | { readonly kind: 'tokens'; readonly piece: TokenPiece }
  | { readonly kind: 'finished-span'; readonly group: SpanGroupKind; readonly piece: FinishedSpanPiece }
  | { readonly kind: 'denoise'; readonly group: SpanGroupKind; readonly piece: SpanPiece };

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
  /** Time that it has had, in milliseconds, counted from when it last became busy. */
  virtualTime: number;
  /** Measured milliseconds of a call by number of rows: `fixed + perRow * rows`. */
  cost: { fixed: number; perRow: number } | undefined;
}

/** Jobs that wait. */
export interface JobQueue {
  readonly isEmpty: boolean;
  add(key: string, job: Job): void;
  /** Takes back a job that has not been taken. */
  remove(job: Job): void;
  /** Takes the next jobs to run together, in the order in which they came; undefined if there are none. */
  take(): { readonly key: string; readonly jobs: readonly Job[] } | undefined;
  /** Records how long jobs that were taken have run. */
  ran(key: string, numRows: number, milliseconds: number): void;
}

/** Limits of a call. */
export interface QueueLimits {
  /** Maximum number of rows. */
  readonly maxRows: number;
  /** Milliseconds that a call may take while jobs of another group wait. */
  readonly maxTickMilliseconds: number;
}

/** Creates an empty queue. */
export function createJobQueue({ maxRows, maxTickMilliseconds }: QueueLimits): JobQueue {
  const groups = new Map<string, Group>();
  const busy = (): Group[] => [...groups.values()].filter(({ jobs }) => jobs.length > 0);

  const rowLimit = ({ cost }: Group, othersWait: boolean): number => {
    if (!othersWait || cost === undefined) return maxRows;
    const affordable = Math.floor((maxTickMilliseconds - cost.fixed) / Math.max(cost.perRow, 1e-3));
    return Math.max(1, Math.min(maxRows, affordable));
  };

  return {
    get isEmpty() {
      return busy().length === 0;
    },
    add: (key, job) => {
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { key, jobs: [], virtualTime: 0, cost: undefined }));
      if (group.jobs.length === 0) {
        const least = Math.min(...busy().map(({ virtualTime }) => virtualTime));
        if (Number.isFinite(least)) group.virtualTime = Math.max(group.virtualTime, least);
      }
      group.jobs.push(job);
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
      const limit = rowLimit(next, waiting.length > 1);
      let numRows = 0;
      let count = 0;
      for (const job of next.jobs) {
        if (count > 0 && numRows + job.numRows > limit) break;
        numRows += job.numRows;
        count++;
      }
      return { key: next.key, jobs: next.jobs.splice(0, count) };
    },
    ran: (key, numRows, milliseconds) => {
      const group = groups.get(key);
      if (group === undefined) return;
      group.virtualTime += milliseconds;
      const perRow = milliseconds / numRows;
      // The cost of a row is measured as if all of a call were its rows': an estimate from above for more rows.
      const old = group.cost?.perRow ?? perRow;
      group.cost = { fixed: 0, perRow: old + 0.3 * (perRow - old) };
    },
  };
}
