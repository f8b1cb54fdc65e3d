/**
 * Files of results, in lines of JSON: a header, one line per example, and an end if all are there. A line that a crash cut
 * off is dropped.
 */
import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { ExampleResult, Json, Provenance } from './evaluator.js';

/** Part of an evaluation: every `count`-th example, from `index` on. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** First line of a file: what its results are of. */
export interface ResultsHeader {
  readonly evaluator: string;
  /** Name of the model that was evaluated, for people. */
  readonly subject: string;
  /** Everything that results depend on: a hash of the model's weights, the settings of generation. */
  readonly model: string;
  readonly provenance: Provenance;
  readonly shard: Shard;
  /** Number of examples before division into shards; null for all. */
  readonly limit: number | null;
}

/** Result of an example, with its place among all examples. */
export interface StoredExample {
  readonly index: number;
  readonly result: ExampleResult;
  /** Record of the values to look at, such as paths of their files. */
  readonly shown?: Json;
}

/** Contents of a file of results. */
export interface ResultsFile {
  readonly header: ResultsHeader;
  readonly examples: readonly StoredExample[];
  /** True if the evaluation has ended. */
  readonly isComplete: boolean;
}

/** A file of results to which this process adds. */
export interface OpenResults extends ResultsFile {
  /** @throws TransfusionError `mismatch` if another process has written to the file */
  append(line: string): Promise<void>;
  /** Removes what was appended. */
  revert(): Promise<void>;
}

/** Last line of a file whose evaluation has ended. */
export const END_LINE = `${JSON.stringify({ end: true })}\n`;

/**
 * Reads a file of results.
 *
 * @throws TransfusionError `not-found` if there is none, `invalid-file` if it is damaged before its last line
 */
export async function readResultsFile(path: string): Promise<ResultsFile> {
  const text = await readText(path);
  if (text !== undefined) return parseResults(path, text);
  throw new TransfusionError('not-found', `${path}: there is no such file. Evaluate first.`);
}

/**
 * Opens a file of results to go on: returns what it holds, and starts it where there is none.
 *
 * @throws TransfusionError `mismatch` if it holds results of something else, `invalid-file` if it is damaged, or no file of
 *   results; it is then left as it is
 */
export async function openResultsFile(path: string, header: ResultsHeader): Promise<OpenResults> {
  await mkdir(dirname(path), { recursive: true });
  const text = (await readText(path)) ?? '';
  const first = `${JSON.stringify(header)}\n`;
  // Also a header that a crash cut off.
  if (first.startsWith(text)) {
    await writeFile(path, first);
    return { header, examples: [], isComplete: false, ...writer(path, Buffer.byteLength(first)) };
  }
  const stored = parseResults(path, text);
  checkHeader(path, stored.header, header);
  const size = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1));
  await truncate(path, size);
  return { ...stored, ...writer(path, size) };
}

function writer(path: string, initialSize: number): Pick<OpenResults, 'append' | 'revert'> {
  let size = initialSize;
  return {
    async append(line) {
      const found = (await stat(path)).size;
      if (found !== size) {
        throw new TransfusionError(
          'mismatch',
          `${path}: has ${found} bytes, expected ${size}: another process evaluates into the same file. Let it end, or use another folder.`,
        );
      }
      await appendFile(path, line);
      size += Buffer.byteLength(line);
    },
    revert: () => truncate(path, initialSize),
  };
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

function parseResults(path: string, text: string): ResultsFile {
  const lines = text.split('\n').slice(0, -1);
  const header = parse(path, 1, lines[0] ?? '') as ResultsHeader;
  if (typeof header.evaluator !== 'string' || typeof header.shard?.count !== 'number') {
    throw damaged(path, 1, 'no header of results');
  }
  const isComplete = `${lines.at(-1)}\n` === END_LINE;
  const { index, count } = header.shard;
  const examples = lines.slice(1, isComplete ? -1 : undefined).map((line, i) => {
    const example = parse(path, i + 2, line) as StoredExample;
    if (example.index === index + i * count && typeof example.result === 'object') return example;
    throw damaged(path, i + 2, `index ${JSON.stringify(example.index)}, expected ${index + i * count}`);
  });
  return { header, examples, isComplete };
}

/** @throws TransfusionError `mismatch` for the first field that differs; the subject is for people */
export function checkHeader(path: string, found: ResultsHeader, expected: ResultsHeader): void {
  for (const key of ['evaluator', 'model', 'provenance', 'shard', 'limit'] as const) {
    const [a, b] = [found[key], expected[key]].map((value) => JSON.stringify(value));
    if (a === b) continue;
    throw new TransfusionError(
      'mismatch',
      `${path}: holds results of another evaluation: ${key} is ${a}, expected ${b}. Use another folder, or delete it.`,
    );
  }
}

function parse(path: string, number: number, line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw damaged(path, number, 'no JSON object');
}

function damaged(path: string, number: number, found: string): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${path}, line ${number}: found ${found}, expected results of an evaluation. Delete the file and evaluate again.`,
  );
}
