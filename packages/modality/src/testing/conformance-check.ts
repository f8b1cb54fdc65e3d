import { expectThat, type ConformanceCheck } from '@transfusion/diffusion/testing';

export { expectThat, type ConformanceCheck };

/** Values that no modality accepts. */
export const FOREIGN_VALUES: readonly unknown[] = [undefined, null, Symbol('foreign'), () => 0];

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
        expectThat(modality.accepts(value), () => `accepts() refuses the example ${i}`);
      });
      for (const value of [...FOREIGN_VALUES, ...foreignValues]) {
        expectThat(!modality.accepts(value), () => `accepts() accepts ${String(value)}`);
      }
    },
  };
}
