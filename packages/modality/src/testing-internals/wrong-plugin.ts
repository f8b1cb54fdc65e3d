/** Tables of wrong plug-ins, and the expectation of their rows. */
import { expect } from 'vitest';

/**
 * The mistake, the plug-in, the law, the message, and the number of other laws that cannot hold then: those that call the
 * same function.
 */
export type WrongPlugin<Plugin> = [
  what: string,
  plugin: Plugin,
  law: string,
  message: string,
  others?: number,
];
/** Names of laws of all modalities. */
export const laws = {
  fields: 'its fields are those of the contract',
  accepts: 'accepts its own values and refuses foreign ones',
  files: 'values are read back from their files',
  config: 'its config is plain JSON of the factory’s type',
  rebuilt: 'the factory rebuilds an equal modality from config and assets, and dispose frees it',
};

/** Laws that need a factory; it rebuilds the right modality, which equals no wrong one. */
export const lawsOfFactories: readonly string[] = [laws.config, laws.rebuilt];

/** Returns a function that throws. */
export const fails = (message: string) => (): never => {
  throw new Error(message);
};

/** Expects that a law is the first of those that fail, with the message, and how many others do. */
export function expectFailure(found: readonly string[], law: string, message: string, others = 0): void {
  expect(found[0]).toContain(`${law}: ${message}`);
  expect(found.length - 1).toBe(others);
}
