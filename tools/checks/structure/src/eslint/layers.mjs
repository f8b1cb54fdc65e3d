/**
 * The layers, which decide which package may import which. A package names its layer in its package.json (`nx.tags`): `layer:L0` (lowest)
 * to `layer:L5`, or `layer:tool`. A layer may have steps: `layer:L1.1` lies below `layer:L1.2`. Imports go
 * to a strictly lower layer or step; tools may import anything.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TOOL = Number.POSITIVE_INFINITY;

/** The layer in a manifest as a number (tools are above everything); undefined if it has none. */
export function layerOf(manifest) {
  const tag = manifest.nx?.tags?.find((name) => name.startsWith('layer:'));
  if (tag === 'layer:tool') return TOOL;
  const match = /^layer:L([0-5](?:\.[1-9])?)$/.exec(tag ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** Returns the reason why the package `from` may not import the package `to`; undefined if it may. */
export function layerProblem(from, to) {
  const fromLayer = layerOf(from);
  const toLayer = layerOf(to);
  if (fromLayer === undefined) return `${from.name} has no layer tag in its package.json (nx.tags)`;
  if (toLayer === undefined) return `${to.name} has no layer tag in its package.json (nx.tags)`;
  if (from.name === to.name) return `${from.name} imports itself by name: use a relative path`;
  if (fromLayer === TOOL || toLayer < fromLayer) return undefined;
  return `${from.name} (${layerName(fromLayer)}) may not import ${to.name} (${layerName(toLayer)}): only a lower layer`;
}

/** `@transfusion/nn/testing` -> `@transfusion/nn`; undefined for anything outside the workspace. */
export function workspacePackageOf(specifier) {
  return /^@transfusion\/[^/]+/.exec(specifier)?.[0];
}

/** The folder of the nearest package.json at or above `directory`. */
export function packageDirectoryOf(directory) {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

export function readManifest(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

function layerName(layer) {
  return layer === TOOL ? 'tool' : `L${layer}`;
}
