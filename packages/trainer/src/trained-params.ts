/** Freezing: which parameters a run trains, selected by path. */
import { nearestName, TransfusionError } from '@transfusion/errors';
import { flattenParams, mapParams, type FlatParams, type Params } from '@transfusion/nn';

/**
 * Returns the parameters that are not frozen, by dotted path in the tree's order.
 *
 * @param freeze paths of frozen parts: `trunk` freezes `trunk.layers.0.tokens.attention.query.weight` and all others in it
 * @throws TransfusionError `not-found` for a path that no parameter has, `invalid-argument` if none is left to train
 */
export function trainedParams(params: Params, freeze: readonly string[] = []): FlatParams {
  const flat = flattenParams(params);
  const paths = Object.keys(flat);
  for (const part of freeze) {
    if (!paths.some((path) => isIn(path, part))) throw unknownPart(part, paths);
  }
  const trained = Object.entries(flat).filter(([path]) => !freeze.some((part) => isIn(path, part)));
  if (trained.length > 0) return Object.fromEntries(trained);
  throw new TransfusionError(
    'invalid-argument',
    `freeze: ${freeze.map((part) => `'${part}'`).join(', ')} freeze all parameters, expected some to train. Remove one.`,
  );
}

/** Returns the tree with some of its tensors replaced, by path. */
export function replaceParams<P extends Params>(params: P, replacements: Readonly<FlatParams>): P {
  return mapParams(params, (tensor, path) => replacements[path] ?? tensor);
}

function isIn(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}.`);
}

function unknownPart(part: string, paths: readonly string[]): TransfusionError {
  const parts = new Set(paths.flatMap((path) => prefixesOf(path)));
  const roots = [...new Set(paths.map((path) => path.split('.')[0]))];
  const nearest = nearestName(part, [...parts]);
  const expected =
    nearest === undefined ? `a part of the model, such as ${roots.join(', ')}` : `'${nearest}'`;
  return new TransfusionError(
    'not-found',
    `freeze: no parameter is in '${part}', expected ${expected}. Fix the path.`,
  );
}

function prefixesOf(path: string): string[] {
  const names = path.split('.');
  return names.map((_, i) => names.slice(0, i + 1).join('.'));
}
