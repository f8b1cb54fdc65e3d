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
 * which an interrupted run had logged, and invalid lines, with a warning.
 */
export async function openMetricsLog(path: string, stepsDone: number): Promise<MetricsLog> {
  const { lines: validLines, numInvalid } = await readValidLines(path);
  if (numInvalid > 0) {
    console.warn(
      `${path}: dropped ${numInvalid} invalid line${numInvalid > 1 ? 's' : ''}, as a crash or a power failure can leave.`,
    );
  }
  const lines = validLines.filter((line) => line.step <= stepsDone);
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

/** Reads the valid lines of a metrics file; none if the file does not exist. */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  return (await readValidLines(path)).lines;
}

/** Reads the lines of a file. Invalid ones are cut off by a killed process, or garbage after a power failure. */
async function readValidLines(
  path: string,
): Promise<{ readonly lines: MetricsLine[]; readonly numInvalid: number }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lines: [], numInvalid: 0 };
    throw error;
  }
  const written = text.split('\n');
  // An unterminated last line is invalid even if it parses: a number may be cut off.
  const cutOff = written.pop()!;
  const parsed = written.filter((line) => line !== '').map(parseLine);
  const lines = parsed.filter((line) => line !== undefined);
  return { lines, numInvalid: parsed.length - lines.length + (cutOff === '' ? 0 : 1) };
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
