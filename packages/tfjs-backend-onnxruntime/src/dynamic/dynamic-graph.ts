/** Rewrites the graph of a function so that its sizes are computed from its inputs. */
import { emit, int64s } from '../graph/emit.js';
import { collectSubgraph, type Subgraph } from '../graph/subgraph.js';
import { GraphNode, Value } from '../graph/value.js';
import { constantSize, type SizeExpression } from './size-expression.js';
import type { GraphSizes } from './unify-traces.js';

/** Dimension of an input that is the length of an axis. */
export interface AxisSource {
  readonly input: Value;
  readonly dimension: number;
}

/**
 * Returns the graph with its int64 constants replaced by what they are for the sizes of the inputs.
 *
 * @param sources one for each axis
 */
export function dynamicGraph(graph: Subgraph, sizes: GraphSizes, sources: readonly AxisSource[]): Subgraph {
  const replaced = new Map<Value, Value>();
  const computeVector = vectorBuilder(sources);
  const substitute = (value: Value | null): Value | null => {
    if (value === null) return null;
    const expressions = sizes.constants.get(value);
    return replaced.get(value) ?? (expressions === undefined ? value : computeVector(value, expressions));
  };
  for (const node of graph.nodes) {
    const target = node.opType === 'Reshape' ? sizes.constants.get(node.inputs[1]!) : undefined;
    const implied = target && impliedShape(target, sizes.shapeOf(node.inputs[0]!));
    const inputs =
      implied === undefined ? node.inputs.map(substitute) : [substitute(node.inputs[0]), int64s(implied)];
    // A 0 copies the dimension of the input.
    const attributes = implied === undefined ? node.attributes : {};
    const outputs = node.outputs.map(({ shape, dtype, owner }) => new Value(shape, dtype, owner));
    const copy = new GraphNode(node.opType, inputs, outputs, attributes, node.kernel);
    node.outputs.forEach((output, i) => {
      outputs[i].producer = copy;
      replaced.set(output, outputs[i]);
    });
  }
  return collectSubgraph(graph.outputs.map((output) => replaced.get(output)!));
}

/** Returns the target of a Reshape with 0 for copied dimensions and -1 for an inferred one, if that is enough. */
function impliedShape(
  target: readonly SizeExpression[],
  source: readonly SizeExpression[],
): number[] | undefined {
  const dims = target.map((expression, i) => {
    const constant = constantSize(expression);
    if (constant !== undefined) return constant;
    return source[i] !== undefined && same(expression, source[i]) ? 0 : -1;
  });
  return dims.filter((dim) => dim === -1).length <= 1 ? dims : undefined;
}

function same(a: SizeExpression, b: SizeExpression): boolean {
  return a.every((coefficient, mask) => coefficient === b[mask]);
}

/** Emits the nodes that compute int64 vectors of sizes, each expression and vector once. */
function vectorBuilder(
  sources: readonly AxisSource[],
): (constant: Value, expressions: readonly SizeExpression[]) => Value {
  const known = new Map<string, Value>();
  const once = (key: string, create: () => Value): Value => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = create()));
    return value;
  };
  const axis = (i: number): Value =>
    once(`axis ${i}`, () => {
      const { input, dimension } = sources[i];
      return emit('Shape', [input], [1], 'int64', { start: dimension, end: dimension + 1 });
    });
  const multiply = (a: Value, b: Value): Value => emit('Mul', [a, b], [1], 'int64');
  const term = (mask: number, coefficient: number): Value => {
    const axes = sources.flatMap((_, i) => ((mask & (1 << i)) === 0 ? [] : [axis(i)]));
    const factors = coefficient === 1 && axes.length > 0 ? axes : [int64s([coefficient]), ...axes];
    return factors.reduce(multiply);
  };
  const size = (expression: SizeExpression): Value =>
    once(`size ${expression.join()}`, () => {
      const terms = expression.flatMap((c, mask) => (c === 0 ? [] : [term(mask, c)]));
      return terms.length === 0 ? int64s([0]) : terms.reduce((a, b) => emit('Add', [a, b], [1], 'int64'));
    });
  return (constant, expressions) =>
    once(`${constant.rank} vector ${expressions.map((e) => e.join()).join(';')}`, () => {
      const parts = expressions.map(size);
      const vector =
        parts.length === 1 ? parts[0] : emit('Concat', parts, [parts.length], 'int64', { axis: 0 });
      return constant.rank === 1 ? vector : emit('Reshape', [vector, int64s([])], [], 'int64');
    });
}
