/** The command line of `pnpm experiments`. */
import { parseArgs } from 'node:util';
import type { Experiment, ExperimentValues } from './experiment.js';

/** An experiment, the values of its options, and whether to print JSON. */
export interface Command {
  readonly experiment: Experiment;
  readonly name: string;
  readonly values: ExperimentValues;
  readonly json: boolean;
}

/** Parses the arguments; returns a message if they are wrong. */
export function parseCommand(
  args: readonly string[],
  experiments: Readonly<Record<string, Experiment>>,
): Command | string {
  // pnpm hands on a separator that the caller typed.
  const passed = args.filter((arg) => arg !== '--');
  const name = passed.find((arg) => !arg.startsWith('-')) ?? '';
  if (!Object.hasOwn(experiments, name)) {
    return name === '' ? 'which experiment?' : `no experiment '${name}'`;
  }
  const experiment = experiments[name];
  const options = Object.entries(experiment.options ?? {});
  try {
    const { positionals, values } = parseArgs({
      args: passed,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        ...Object.fromEntries(
          options.map(([option, { default: defaultValue }]) => [
            option,
            { type: 'string' as const, default: defaultValue },
          ]),
        ),
      },
    });
    const extra = positionals.filter((positional) => positional !== name);
    if (extra.length > 0) return `one experiment at a time, not also ${extra.join(', ')}`;
    const missing = options.map(([option]) => option).find((option) => !(option in values));
    if (missing !== undefined) return `${name} needs --${missing}`;
    const { json, ...rest } = values;
    return { experiment, name, values: rest as ExperimentValues, json: json === true };
  } catch (error) {
    return (error as Error).message;
  }
}

/** Lists the experiments and their options. */
export function usage(experiments: Readonly<Record<string, Experiment>>): string {
  const lines = Object.entries(experiments).flatMap(([name, { description, options = {} }]) => [
    `  ${name.padEnd(14)} ${description}`,
    ...Object.entries(options).map(([option, { description: text, default: defaultValue }]) => {
      const suffix = defaultValue === undefined ? '' : ` (${defaultValue})`;
      return `    --${option.padEnd(11)} ${text}${suffix}`;
    }),
  ]);
  return ['usage: pnpm experiments <name> [options] [--json]', ...lines].join('\n');
}

/**
 * Returns the number that an option holds.
 *
 * @throws RangeError if it is none, or less than `least`
 */
export function numberValue(values: ExperimentValues, option: string, least = 0): number {
  const number = values[option].trim() === '' ? NaN : Number(values[option]);
  if (number >= least) return number;
  throw new RangeError(`--${option} is '${values[option]}', expected a number of at least ${least}`);
}
