/**
 * Compares the graphs of one function, traced at several sizes of its axes: they must be the same but for
 * sizes, each of which is then an expression of the axes.
 */
import { TransfusionError } from '@transfusion/errors';
import type { GraphArray } from '../graph/dtype.js';
import { structuralName, type Subgraph } from '../graph/subgraph.js';
import type { GraphNode, Value } from '../graph/value.js';
import { evaluateSize, fitSize, type SizeExpression, type TracedAxis } from './size-expression.js';

/** A graph, with the names that its values had when it was collected. */
export interface CollectedGraph {
  readonly graph: Subgraph;
  /** Each node's operator, attributes and inputs. */
  readonly nodes: readonly string[];
}

/** Sizes in a graph that depend on the axes. */
export interface GraphSizes {
  /** Elements of int64 constants that are not the same at all sizes. */
  readonly constants: ReadonlyMap<Value, readonly SizeExpression[]>;
  /** Returns the shape of a value of the graph. */
  shapeOf(value: Value): readonly SizeExpression[];
}

/** Names the values of a graph; call right after `collectSubgraph`. */
export function collected(graph: Subgraph): CollectedGraph {
  const name = (value: Value | null): string => (value === null ? '' : structuralName(value));
  return { graph, nodes: graph.nodes.map(({ key, inputs }) => `${key}(${inputs.map(name).join()})`) };
}

/**
 * Finds the expression of each size of a graph.
 *
 * @param where the caller and its function, in errors
 * @param corners the graph at each corner, by the bit mask of the axes at their high size
 * @param check the graph at sizes in `checkSizes`, which no expression was made from
 * @throws TransfusionError `sizes-in-jit` if anything but sizes differs, or a size is no such expression
 */
export function unifyTraces(
  where: string,
  axes: readonly TracedAxis[],
  corners: readonly CollectedGraph[],
  check: CollectedGraph,
  checkSizes: readonly number[],
): GraphSizes {
  const [base] = corners;
  for (const other of [...corners, check]) sameNodes(where, base, other);
  const numbersAt = (read: (graph: Subgraph) => ArrayLike<number | bigint>, what: () => string) => {
    const lists = corners.map(({ graph }) => read(graph));
    const checks = read(check.graph);
    return Array.from(lists[0], (_, i): SizeExpression => {
      const expression = fitSize(
        lists.map((list) => Number(list[i])),
        axes,
      );
      if (expression !== undefined && evaluateSize(expression, checkSizes) === Number(checks[i])) {
        return expression;
      }
      throw refusal(where, `${what()} is no sum of products of the axes`);
    });
  };

  const constants = new Map<Value, readonly SizeExpression[]>();
  base.graph.constants.forEach((value, i) => {
    const others = [...corners, check].map(({ graph }) => graph.constants[i]);
    if (others.every((other) => sameConstant(value, other))) return;
    const what = (): string => `a constant of ${userOf(base.graph, value)}`;
    if (value.dtype !== 'int64' || others.some(({ size }) => size !== value.size)) {
      throw refusal(where, `${what()} depends on the size of an axis`);
    }
    constants.set(
      value,
      numbersAt(({ constants: all }) => all[i].constant as BigInt64Array, what),
    );
  });

  const places = new Map<Value, (graph: Subgraph) => Value>();
  base.graph.inputs.forEach((value, i) => places.set(value, ({ inputs }) => inputs[i]));
  base.graph.nodes.forEach(({ outputs }, i) =>
    outputs.forEach((value, o) => places.set(value, ({ nodes }) => nodes[i].outputs[o])),
  );
  return {
    constants,
    shapeOf: (value) => {
      const place = places.get(value);
      if (place === undefined)
        return value.shape.map((dim) =>
          fitSize(
            corners.map(() => dim),
            axes,
          )!,
        );
      return numbersAt(
        (graph) => place(graph).shape,
        () => `a dimension of ${value.producer?.kernel ?? 'an input'}`,
      );
    },
  };
}

function sameNodes(where: string, base: CollectedGraph, other: CollectedGraph): void {
  const at = base.nodes.findIndex((node, i) => node !== other.nodes[i]);
  if (at >= 0) {
    throw refusal(
      where,
      `${base.graph.nodes[at].kernel} computes differently for other sizes (${base.nodes[at]}, ` +
        `${other.nodes[at] ?? 'nothing'})`,
    );
  }
  const isSame =
    base.nodes.length === other.nodes.length &&
    base.graph.constants.length === other.graph.constants.length &&
    base.graph.inputs.length === other.graph.inputs.length;
  if (!isSame) throw refusal(where, 'it computes more for other sizes');
}

function sameConstant(a: Value, b: Value): boolean {
  if (a.dtype !== b.dtype || a.rank !== b.rank || a.shape.some((dim, i) => dim !== b.shape[i])) return false;
  const [left, right] = [a.constant as GraphArray, b.constant as GraphArray];
  return left === right || left.every((element, i) => Object.is(element, right[i]));
}

function userOf(graph: Subgraph, value: Value): string {
  const user = graph.nodes.find((node: GraphNode) => node.inputs.includes(value));
  return user === undefined ? 'the result' : `${user.kernel} (ONNX ${user.opType})`;
}

function refusal(where: string, problem: string): TransfusionError {
  return new TransfusionError(
    'sizes-in-jit',
    `${where}: ${problem}. Pass what depends on an axis (a range, a mask, a mean over it) as an ` +
      'input, or give the axis a fixed size.',
  );
}
