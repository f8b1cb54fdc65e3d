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
 * Opens a JSON Lines file for a run that has completed `stepsDone` steps. Drops the lines of later steps,
 * which an interrupted run had logged, and an incomplete last line.
 */
export async function openMetricsLog(path: string, stepsDone: number): Promise<MetricsLog> {
  const lines = (await readMetrics(path)).filter((line) => line.step <= stepsDone);
  await withWriteErrors(path, async () => {
    await writeFile(`${path}.tmp`, lines.map(toText).join(''), { flush: true });
    await rename(`${path}.tmp`, path);
  });
  return { append: (line) => withWriteErrors(path, () => appendFile(path, toText(line))) };
}

function toText(line: MetricsLine): string {
  const finite = Object.entries(line).filter(([, value]) => Number.isFinite(value));
  return `${JSON.stringify(Object.fromEntries(finite))}\n`;
}

/** Reads the lines of a metrics file, except an incomplete last one; none if the file does not exist. */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as MetricsLine);
}
