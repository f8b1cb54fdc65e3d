import { expectThat, type ConformanceCheck } from '@transfusion/diffusion/testing';
import { checkModality } from '../check-modality.js';

export { expectThat, type ConformanceCheck };

/** Values that no modality accepts. */
export const FOREIGN_VALUES: readonly unknown[] = [undefined, null, Symbol('foreign'), () => 0];

/**
 * Returns the checks of a modality: that its fields are right, and the others. These need the fields: if one is wrong,
 * there is only the check that fails for it. All messages name the modality.
 */
export function checksOfFields(
  modality: { readonly name: string },
  others: () => readonly ConformanceCheck[],
): readonly ConformanceCheck[] {
  const { name } = modality;
  const run = (): void => checkModality(modality);
  const check: ConformanceCheck = { name: `${name}: its fields are those of the contract`, run };
  try {
    run();
  } catch {
    return [check];
  }
  return [check, ...others().map((other) => namesModality(name, other))];
}

/** Errors of what training calls, too, name the modality; those of the checks do not. */
function namesModality(modality: string, check: ConformanceCheck): ConformanceCheck {
  const run = async (): Promise<void> => {
    try {
      await check.run();
    } catch (cause) {
      const { message } = cause instanceof Error ? cause : new Error(String(cause));
      if (message.includes(`modality '${modality}'`)) throw cause;
      throw new Error(`modality '${modality}': ${message}`, { cause });
    }
  };
  return { name: check.name, run };
}

/** Returns the check that `accepts` accepts all examples and refuses foreign values. */
export function acceptsCheck(
  modality: { readonly name: string; accepts(value: unknown): boolean },
  values: readonly unknown[],
  foreignValues: readonly unknown[],
): ConformanceCheck {
  return {
    name: `${modality.name}: accepts its own values and refuses foreign ones`,
    run: () => {
      values.forEach((value, i) => {
        expectThat(
          modality.accepts(value),
          () => `accepts() returned false for the example ${i}, expected true`,
        );
      });
      for (const value of [...FOREIGN_VALUES, ...foreignValues]) {
        expectThat(
          !modality.accepts(value),
          () => `accepts() returned true for ${String(value)}, expected false`,
        );
      }
    },
  };
}
