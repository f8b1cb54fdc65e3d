import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { withWriteErrors } from './with-write-errors.js';

/** Line of `metrics.jsonl`: values by name, and their step. */
export type MetricsLine = { readonly step: number } & Readonly<Record<string, number>>;

/** JSON-lines file that grows. */
export interface MetricsLog {
  /**
   * Adds a line; wait for it before adding another. JSON has no NaN and no infinity, so values that are not
   * finite are left out.
   *
   * @throws TransfusionError `training-failed` if it cannot be written
   */
  append(line: MetricsLine): Promise<void>;
}

/**
 * Opens a JSON-lines file for a run that has done `step` steps: lines of later steps, from before an
 * interruption, are dropped, and so is a line that was not written to its end.
 */
export async function openMetricsLog(path: string, step: number): Promise<MetricsLog> {
  const kept = (await readMetrics(path)).filter((line) => line.step <= step);
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

/** Reads the lines of a metrics file; none if there is no file. A line that was not written to its end is left out. */
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
