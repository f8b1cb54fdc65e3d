import { parseArgs } from 'node:util';
import { nearestName, TransfusionError } from '@transfusion/errors';
import type { Answers, Template } from './template.js';

/** The arguments of a command line. */
export interface CreateArguments {
  readonly folder?: string;
  readonly template?: Template;
  /** Answers of the flags of any template. */
  readonly answers: Answers;
  readonly help: boolean;
}

/**
 * Reads the arguments of `npm create @transfusion`.
 *
 * @throws TransfusionError `invalid-argument` for an unknown flag or template, or several folders
 */
export function parseArguments(args: readonly string[], templates: readonly Template[]): CreateArguments {
  const flags = templates.flatMap(({ questions }) => questions.map(({ flag }) => flag));
  const options = Object.fromEntries(
    [...flags, 'template'].map((flag) => [flag, { type: 'string' as const }] as const),
  );
  const { values, positionals } = parseOrThrow(args, options, [...flags, 'template', 'help']);
  const { help, template: name, ...answers } = values as Record<string, string> & { help?: boolean };
  if (positionals.length > 1) {
    throw new TransfusionError(
      'invalid-argument',
      `found the folders ${positionals.join(' and ')}, expected one. Name one folder.`,
    );
  }
  return {
    folder: positionals[0],
    template: name === undefined ? undefined : templateOf(name, templates),
    answers,
    help: help === true,
  };
}

function parseOrThrow(
  args: readonly string[],
  options: Readonly<Record<string, { type: 'string' }>>,
  flags: readonly string[],
) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    const [flag] = /--[\w-]+/.exec((error as Error).message) ?? [];
    const nearest = flag === undefined ? undefined : nearestName(flag.slice(2), flags);
    throw new TransfusionError(
      'invalid-argument',
      `${(error as Error).message.split('. To specify')[0]}` +
        `${nearest === undefined || `--${nearest}` === flag ? '' : ` (did you mean --${nearest}?)`}. --help lists the flags.`,
    );
  }
}

function templateOf(name: string, templates: readonly Template[]): Template {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  throw new TransfusionError(
    'invalid-argument',
    `--template: found '${name}', expected one of ${templates.map((template) => template.name).join(', ')}.`,
  );
}
