/** Names of the values of an ONNX file. */
import { TransfusionError } from '@transfusion/errors';
import { structuralName } from '../graph/subgraph.js';
import type { Value } from '../graph/value.js';

/**
 * Returns the name of each value: as given, or one that clashes with none of those. Collect the graph before the first
 * call.
 */
export function valueNames(
  where: string,
  named: readonly { readonly value: Value; readonly name: string }[],
): (value: Value) => string {
  assertDistinct(
    where,
    named.map(({ name }) => name),
  );
  const names = new Map(named.map(({ value, name }) => [value, name]));
  const taken = new Set(names.values());
  return (value) => {
    let name = names.get(value);
    if (name === undefined) {
      name = structuralName(value);
      while (taken.has(name)) name = `_${name}`;
    }
    return name;
  };
}

function assertDistinct(where: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: two tensors are named '${twice}'. Choose other names for the inputs or outputs.`,
  );
}

/** Names results by their paths. */
export function resultNames(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const name = dottedPath(path);
    return /^\d|^$/.test(name) ? `output${name}` : name;
  });
}

/** Converts the path `layers[2].weight` to `layers.2.weight`. */
export function dottedPath(path: string): string {
  return path.replace(/\[(\d+)\]/g, '.$1').replace(/^\./, '');
}
