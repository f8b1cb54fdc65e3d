import type { GraphNode, Value } from './value.js';

/** The nodes that compute some values, in order, and the inputs that must be fed. */
export interface Subgraph {
  readonly nodes: readonly GraphNode[];
  /** Values with a buffer and placeholders, in order of first use. */
  readonly inputs: readonly Value[];
  readonly constants: readonly Value[];
  readonly outputs: readonly Value[];
}

let visitStamp = 0;

/**
 * Collects everything that `outputs` depend on, in topological order; throws the error of a value
 * that could not be computed. The walk keeps its own stack: graphs of thousands of chained
 * nodes would overflow the call stack.
 */
export function collectSubgraph(outputs: readonly Value[]): Subgraph {
  const stamp = ++visitStamp;
  const nodes: GraphNode[] = [];
  const inputs: Value[] = [];
  const constants: Value[] = [];
  const stack: { node: GraphNode; next: number }[] = [];

  const enter = (value: Value): void => {
    if (value.error !== null) throw value.error;
    const node = value.producer;
    if (node !== null) {
      if (node.visit === stamp) return;
      node.visit = stamp;
      stack.push({ node, next: 0 });
    } else if (value.visit !== stamp) {
      value.visit = stamp;
      const list = value.constant !== null ? constants : inputs;
      value.index = list.length;
      list.push(value);
    }
  };

  for (const output of outputs) {
    enter(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.node.inputs.length) {
        const input = top.node.inputs[top.next++];
        if (input) enter(input);
      } else {
        nodes.push(top.node);
        stack.pop();
      }
    }
  }
  let index = 0;
  for (const node of nodes) {
    for (const produced of node.outputs) if (isPending(produced, node)) produced.index = index++;
  }
  return { nodes, inputs, constants, outputs };
}

/** Returns true if a node still has to compute `output`, which may have been computed without it. */
export function isPending(output: Value, node: GraphNode): boolean {
  return output.producer === node;
}

/** Names a value by its index in the last collected subgraph: equal structures get equal names. */
export function structuralName(value: Value): string {
  if (value.producer !== null) return `t${value.index}`;
  return value.constant !== null ? `c${value.index}` : `x${value.index}`;
}

/**
 * Returns a string that is equal for two subgraphs if and only if one compiled graph can serve both.
 * Valid right after {@link collectSubgraph}, while the values still carry their indices.
 */
export function structureKey({ nodes, inputs, constants, outputs }: Subgraph): string {
  let key = '';
  for (const input of inputs) key += `${input.dtype}[${input.shape.join()}]`;
  for (const value of constants) key += `|${value.key}`;
  for (const node of nodes) {
    key += `\n${node.key}(`;
    for (const input of node.inputs) key += input === null ? ',' : `${structuralName(input)},`;
    if (node.outputs.length > 1) key += `>${node.outputs.map((output) => isPending(output, node)).join()}`;
  }
  key += '\n=';
  // Fed offsets (see `offsets` in emit.ts) leave the shape of a result open.
  for (const output of outputs) key += `${structuralName(output)}[${output.shape.join()}]`;
  return key;
}

/** Returns true if computing `value` needs no placeholder. */
export function isConcrete(value: Value): boolean {
  return collectSubgraph([value]).inputs.every((input) => input.buffer !== null);
}
