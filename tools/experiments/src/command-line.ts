/** What `pnpm experiments` is asked for. */
import { parseArgs } from 'node:util';
import type { Experiment, ExperimentValues } from './experiment.js';

/** An experiment, what was said of it, and whether programs are to read the result. */
export interface Command {
  readonly experiment: Experiment;
  readonly name: string;
  readonly values: ExperimentValues;
  readonly json: boolean;
}

/** The command that the arguments mean; a string says what is wrong with them. */
export function parseCommand(
  args: readonly string[],
  experiments: Readonly<Record<string, Experiment>>,
): Command | string {
  // pnpm hands on a separator that the caller typed.
  const given = args.filter((arg) => arg !== '--');
  const name = given.find((arg) => !arg.startsWith('-')) ?? '';
  if (!Object.hasOwn(experiments, name)) {
    return name === '' ? 'which experiment?' : `no experiment '${name}'`;
  }
  const experiment = experiments[name];
  const options = Object.entries(experiment.options ?? {});
  try {
    const { positionals, values } = parseArgs({
      args: given,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        ...Object.fromEntries(
          options.map(([option, { default: byDefault }]) => [
            option,
            { type: 'string' as const, default: byDefault },
          ]),
        ),
      },
    });
    const rest = positionals.filter((positional) => positional !== name);
    if (rest.length > 0) return `one experiment at a time, not also ${rest.join(', ')}`;
    const missing = options.map(([option]) => option).find((option) => !(option in values));
    if (missing !== undefined) return `${name} needs --${missing}`;
    const { json, ...said } = values;
    return { experiment, name, values: said as ExperimentValues, json: json === true };
  } catch (error) {
    return (error as Error).message;
  }
}

/** A list of all that can be asked for. */
export function usage(experiments: Readonly<Record<string, Experiment>>): string {
  const lines = Object.entries(experiments).flatMap(([name, { description, options = {} }]) => [
    `  ${name.padEnd(14)} ${description}`,
    ...Object.entries(options).map(([option, { description: meaning, default: byDefault }]) => {
      const otherwise = byDefault === undefined ? '' : ` (${byDefault})`;
      return `    --${option.padEnd(11)} ${meaning}${otherwise}`;
    }),
  ]);
  return ['usage: pnpm experiments <name> [options] [--json]', ...lines].join('\n');
}

/** @throws RangeError if the option is no number of at least `least` */
export function numberValue(values: ExperimentValues, option: string, least = 0): number {
  const number = values[option].trim() === '' ? NaN : Number(values[option]);
  if (number >= least) return number;
  throw new RangeError(`--${option} is '${values[option]}', expected a number of at least ${least}`);
}
