/** Files of results, in lines of JSON: a header, then one line per example. A line that a crash cut off is dropped. */
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
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
  /** Name of the model that was evaluated, with its step and the settings of generation. */
  readonly subject: string;
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
}

/**
 * Reads a file of results.
 *
 * @throws TransfusionError `not-found` if there is none, `invalid-file` if it is damaged before its last line
 */
export async function readResultsFile(path: string): Promise<ResultsFile> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new TransfusionError('not-found', `${path}: there is no such file. Evaluate first.`, { cause });
  });
  const [first, ...lines] = wholeLines(text);
  const header = parse(path, 1, first ?? '') as ResultsHeader;
  if (typeof header.evaluator !== 'string' || typeof header.shard?.count !== 'number') {
    throw damaged(path, 1, 'no header of results');
  }
  const { index, count } = header.shard;
  const examples = lines.map((line, i) => {
    const example = parse(path, i + 2, line) as StoredExample;
    if (example.index === index + i * count && typeof example.result === 'object') return example;
    throw damaged(path, i + 2, `index ${JSON.stringify(example.index)}, expected ${index + i * count}`);
  });
  return { header, examples };
}

/**
 * Opens a file of results to go on: returns what it holds, and starts it where there is none.
 *
 * @throws TransfusionError `mismatch` if it holds results of something else, `invalid-file` if it is damaged
 */
export async function openResultsFile(
  path: string,
  header: ResultsHeader,
): Promise<readonly StoredExample[]> {
  await mkdir(dirname(path), { recursive: true });
  const text = await readFile(path, 'utf8').catch(() => '');
  const complete = wholeLines(text).map((line) => `${line}\n`);
  if (complete.length === 0) {
    await writeFile(path, `${JSON.stringify(header)}\n`);
    return [];
  }
  await truncate(path, Buffer.byteLength(complete.join('')));
  const stored = await readResultsFile(path);
  checkHeader(path, stored.header, header);
  return stored.examples;
}

/** @throws TransfusionError `mismatch` for the first field that differs */
export function checkHeader(path: string, found: ResultsHeader, expected: ResultsHeader): void {
  for (const key of Object.keys(expected) as (keyof ResultsHeader)[]) {
    const [a, b] = [found[key], expected[key]].map((value) => JSON.stringify(value));
    if (a === b) continue;
    throw new TransfusionError(
      'mismatch',
      `${path}: holds results of another evaluation: ${key} is ${a}, expected ${b}. Use another folder, or delete it.`,
    );
  }
}

function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
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
