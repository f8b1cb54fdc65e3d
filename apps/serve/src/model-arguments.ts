import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { shippedModels } from './composition/shipped-models.js';

/** A model to serve. */
export interface ServedModel {
  /** Name in requests. */
  readonly name: string;
  /** Folder of a run, a checkpoint or an export. */
  readonly folder: string;
}

/**
 * Parses the arguments that name models: `name=folder`, a folder, whose own name it then has, or the name of a shipped
 * model.
 *
 * @throws TransfusionError `not-found` for a folder that does not exist, `invalid-argument` for a name that occurs twice
 */
export function modelArguments(args: readonly string[]): ServedModel[] {
  const models = args.map((arg): ServedModel => {
    const [, name, folder] = /^([^=/\\]+)=(.+)$/s.exec(arg) ?? [];
    const path = folder ?? arg;
    const known = existsSync(path) ? resolve(path) : shippedModels.get(path);
    if (known !== undefined)
      return { name: name ?? basename(existsSync(path) ? known : path), folder: known };
    throw new TransfusionError(
      'not-found',
      `${path}: found neither a folder nor a shipped model of that name, expected a run, a checkpoint, an export, or ` +
        `one of ${[...shippedModels.keys()].join(', ')}.`,
    );
  });
  const twice = models.find(({ name }, i) => models.findIndex((other) => other.name === name) < i);
  if (twice === undefined) return models;
  throw new TransfusionError(
    'invalid-argument',
    `two models are named '${twice.name}'. Give one another name: other-name=${twice.folder}`,
  );
}
