import type { RegisteredSpec } from '../spec-log.js';
import type { JasmineNode } from './jasmine-globals.js';

export interface IndexedSpec extends RegisteredSpec {
  readonly id: string;
  /** Position of the top-level block that holds it. */
  readonly block: number;
}

/**
 * Lists the specs below `root` in order. `backendSuffix` is cut from the names of blocks, and specs
 * of equal names are numbered, so that names are unique and equal across backends.
 */
export function indexSpecs(root: JasmineNode, backendSuffix: string): IndexedSpec[] {
  const specs: IndexedSpec[] = [];
  const timesSeen = new Map<string, number>();

  const visit = (
    node: JasmineNode,
    path: readonly string[],
    backendDependent: boolean,
    block: number,
  ): void => {
    const onBackend = node.children !== undefined && node.description.endsWith(backendSuffix);
    const description = onBackend ? node.description.slice(0, -backendSuffix.length) : node.description;
    const ownPath = [...path, description];
    if (node.children !== undefined) {
      for (const child of node.children) visit(child, ownPath, backendDependent || onBackend, block);
      return;
    }
    const fullName = ownPath.join(' > ');
    const times = (timesSeen.get(fullName) ?? 0) + 1;
    timesSeen.set(fullName, times);
    const name = times === 1 ? fullName : `${fullName} (${times})`;
    specs.push({ id: node.id, name, backendDependent, block });
  };

  for (const [block, node] of (root.children ?? []).entries()) visit(node, [], false, block);
  return specs;
}
