/**
 * Prompts in GenEval's format, `evaluation_metadata.jsonl`, with a prompt per line:
 *
 *     {"tag": "position", "include": [{"class": "cup", "count": 1},
 *       {"class": "dog", "count": 1, "position": ["left of", 0]}], "prompt": "a photo of a dog left of a cup"}
 */
import { readFile } from 'node:fs/promises';
import { nearestName, TransfusionError } from '@transfusion/errors';
import { RELATIONS, type Relation } from './relative-position.js';

/** Tags of prompts, in the order of the paper's tables. */
export const GENEVAL_SKILLS = [
  'single_object',
  'two_object',
  'counting',
  'colors',
  'position',
  'color_attr',
] as const;

/** Skill that a prompt tests. */
export type GenevalSkill = (typeof GENEVAL_SKILLS)[number];

/** Objects that must be there. */
export interface GenevalInclusion {
  readonly class: string;
  /** At least so many; color and position are those of the most confident ones. */
  readonly count: number;
  readonly color?: string;
  /** Relation to the objects of an earlier entry of `include`, by its index. */
  readonly position?: readonly [relation: Relation, index: number];
}

/** Objects that must not be there so often. */
export interface GenevalExclusion {
  readonly class: string;
  /** Fewer than so many. */
  readonly count: number;
}

/** A prompt, and what its images must have. */
export interface GenevalPrompt {
  readonly tag: GenevalSkill;
  readonly prompt: string;
  readonly include: readonly GenevalInclusion[];
  readonly exclude?: readonly GenevalExclusion[];
}

/**
 * Reads a file of prompts.
 *
 * @throws TransfusionError `invalid-file`, with line and field
 */
export async function readGenevalPrompts(path: string): Promise<readonly GenevalPrompt[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new TransfusionError(
      'invalid-file',
      `${path}: cannot be read (${cause.message}). Check the path of GenEval's evaluation_metadata.jsonl.`,
      { cause },
    );
  });
  return parseGenevalPrompts(text, path);
}

/**
 * Parses prompts, one per line; empty lines are skipped.
 *
 * @param where the file in messages
 * @throws TransfusionError `invalid-file`, with line and field
 */
export function parseGenevalPrompts(text: string, where: string): readonly GenevalPrompt[] {
  const prompts = text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const fail = (problem: string): never => {
      throw new TransfusionError('invalid-file', `${where}, line ${i + 1}: ${problem}.`);
    };
    return [parsePrompt(parseJson(line, fail), fail)];
  });
  if (prompts.length > 0) return prompts;
  throw new TransfusionError(
    'invalid-file',
    `${where}: found no prompts, expected one per line. Use GenEval's evaluation_metadata.jsonl.`,
  );
}

type Fail = (problem: string) => never;
type Fields = Readonly<Record<string, unknown>>;

function parseJson(line: string, fail: Fail): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    return fail(`is not JSON (${(error as Error).message}), expected one object per line`);
  }
}

function parsePrompt(value: unknown, fail: Fail): GenevalPrompt {
  const fields = parseFields(value, '', ['tag', 'prompt', 'include', 'exclude'], fail);
  const { tag, include, exclude } = fields;
  if (!GENEVAL_SKILLS.includes(tag as GenevalSkill)) {
    fail(`tag is ${JSON.stringify(tag)}, expected ${GENEVAL_SKILLS.join(', ')}`);
  }
  if (!Array.isArray(include) || include.length === 0) {
    fail(`include is ${JSON.stringify(include)}, expected a list of at least one object`);
  }
  if (exclude !== undefined && !Array.isArray(exclude)) {
    fail(`exclude is ${JSON.stringify(exclude)}, expected a list of objects`);
  }
  return {
    tag: tag as GenevalSkill,
    prompt: parseText(fields, 'prompt', '', fail),
    include: (include as unknown[]).map((entry, i) => parseInclusion(entry, i, fail)),
    ...(exclude !== undefined && {
      exclude: (exclude as unknown[]).map((entry, i) => {
        const name = `exclude[${i}]`;
        return parseClass(parseFields(entry, name, ['class', 'count'], fail), name, fail);
      }),
    }),
  };
}

function parseInclusion(value: unknown, index: number, fail: Fail): GenevalInclusion {
  const name = `include[${index}]`;
  const fields = parseFields(value, name, ['class', 'count', 'color', 'position'], fail);
  const { color, position } = fields;
  return {
    ...parseClass(fields, name, fail),
    ...(color !== undefined && { color: parseText(fields, 'color', name, fail) }),
    ...(position !== undefined && { position: parsePosition(position, name, index, fail) }),
  };
}

function parsePosition(value: unknown, name: string, index: number, fail: Fail): [Relation, number] {
  const [relation, target] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [];
  if (RELATIONS.includes(relation as Relation) && Number.isInteger(target)) {
    if ((target as number) >= 0 && (target as number) < index)
      return [relation as Relation, target as number];
  }
  return fail(
    `${name}.position is ${JSON.stringify(value)}, expected [${RELATIONS.map((r) => `"${r}"`).join(' or ')}, ` +
      'index of an earlier object of include]',
  );
}

function parseClass(fields: Fields, name: string, fail: Fail): GenevalExclusion {
  const { count } = fields;
  if (!Number.isSafeInteger(count) || (count as number) < 1) {
    fail(`${name}.count is ${JSON.stringify(count)}, expected a positive integer`);
  }
  return { class: parseText(fields, 'class', name, fail), count: count as number };
}

function parseText(fields: Fields, field: string, name: string, fail: Fail): string {
  const value = fields[field];
  if (typeof value === 'string' && value.trim() !== '') return value;
  return fail(`${name}${name && '.'}${field} is ${JSON.stringify(value)}, expected a text`);
}

/** Refuses unknown fields: a misspelled one would be a requirement that is not tested. */
function parseFields(value: unknown, name: string, known: readonly string[], fail: Fail): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(`${name}${name && ' '}is ${JSON.stringify(value)}, expected an object`);
  }
  const unknown = Object.keys(value).find((field) => !known.includes(field));
  if (unknown === undefined) return value as Fields;
  const nearest = nearestName(unknown, known);
  return fail(
    `found the unknown field '${name}${name && '.'}${unknown}', expected ${known.join(', ')}` +
      (nearest === undefined ? '' : `. Did you mean '${nearest}'?`),
  );
}
