import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { withWriteErrors } from './with-write-errors.js';

/** A line of `metrics.jsonl`: values by name, and their step. */
export type MetricsLine = { readonly step: number } & Readonly<Record<string, number>>;

/** An append-only JSON Lines file. */
export interface MetricsLog {
  /**
   * Adds a line; await it before the next call. Non-finite values are omitted, since JSON cannot represent
   * them.
   *
   * @throws TransfusionError `training-failed` if it cannot be written
   */
  append(line: MetricsLine): Promise<void>;
}

/**
 * Opens a JSON-lines file for a run that has done `step` steps: lines of later steps, from before an
 * interruption, are dropped, and so are illegible ones, with a warning.
 */
export async function openMetricsLog(path: string, step: number): Promise<MetricsLog> {
  const { lines, illegible } = await readLegible(path);
  if (illegible > 0) {
    console.warn(
      `${path}: dropped ${illegible} illegible line${illegible > 1 ? 's' : ''}, as a crash or a power loss leaves them.`,
    );
  }
  const kept = lines.filter((line) => line.step <= step);
  await withWriteErrors(path, async () => {
    await writeFile(`${path}.tmp`, kept.map(toText).join(''), { flush: true });
    await rename(`${path}.tmp`, path);
  });
  return { append: (line) => withWriteErrors(path, () => appendFile(path, toText(line))) };
}

function toText(line: MetricsLine): string {
  const finite = Object.entries(line).filter(([, value]) => Number.isFinite(value));
  return `${JSON.stringify(Object.fromEntries(finite))}\n`;
}

/** Reads the lines of a metrics file; none if there is no file. Lines that are not legible are left out. */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  return (await readLegible(path)).lines;
}

/**
 * A line may be illegible: cut off by the end of its process, or zeros and garbage after a power loss.
 *
 * @returns the legible lines, and the number of others
 */
async function readLegible(
  path: string,
): Promise<{ readonly lines: MetricsLine[]; readonly illegible: number }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [], illegible: 0 };
    throw error;
  }
  const written = text.split('\n');
  // What follows the last line's end was cut off, even if it can be parsed: `{"step":1,"loss":2}` of a longer number.
  const cutOff = written.pop()!;
  const parsed = written.filter((line) => line !== '').map(parseLine);
  const lines = parsed.filter((line) => line !== undefined);
  return { lines, illegible: parsed.length - lines.length + (cutOff === '' ? 0 : 1) };
}

function parseLine(text: string): MetricsLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    const isLine = typeof line === 'object' && line !== null && 'step' in line;
    return isLine && Object.values(line).every(Number.isFinite) ? (line as MetricsLine) : undefined;
  } catch {
    return undefined;
  }
}
