/** Element-wise kernels of two or more inputs, with broadcasting. */
import * as tf from '@transfusion/tfjs';
import type { NumericDtype } from '../backend/backend.js';
import { broadcastShape, cast, castWrapping, map, reshape, where, zip } from '../graph/build.js';
import { emit, scalar } from '../graph/emit.js';
import type { GraphDtype } from '../graph/dtype.js';
import type { Value } from '../graph/value.js';
import { graphKernel } from './kernel.js';
import { isNaN } from './unary.js';

const ARITHMETIC: Readonly<Record<string, string>> = {
  Add: 'Add',
  Sub: 'Sub',
  Multiply: 'Mul',
  Maximum: 'Max',
  Minimum: 'Min',
};

const COMPARISONS: Readonly<Record<string, string>> = {
  Equal: 'Equal',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
};

export function registerBinaryKernels(): void {
  for (const [kernel, opType] of Object.entries(ARITHMETIC)) {
    graphKernel(kernel, ({ a, b }) => arithmetic(opType, a, b));
  }
  for (const [kernel, opType] of Object.entries(COMPARISONS)) {
    graphKernel(kernel, ({ a, b }) => compare(opType, a, b));
  }
  graphKernel('NotEqual', ({ a, b }) => map('Not', compare('Equal', a, b)));
  graphKernel('LogicalAnd', ({ a, b }) => zip('And', a, b));
  graphKernel('LogicalOr', ({ a, b }) => zip('Or', a, b));
  graphKernel('RealDiv', ({ a, b }) => zip('Div', cast(a, 'float32'), cast(b, 'float32')));
  graphKernel('FloorDiv', ({ a, b }) => floorDiv(a, b));
  graphKernel('Mod', ({ a, b }) => mod(a, b));
  graphKernel('Pow', ({ a, b }) => pow(a, b));
  graphKernel('SquaredDifference', ({ a, b }) => {
    const difference = arithmetic('Sub', a, b);
    return arithmetic('Mul', difference, difference);
  });
  graphKernel('Atan2', ({ a, b }) => atan2(cast(a, 'float32'), cast(b, 'float32')));
  graphKernel('BitwiseAnd', ({ a, b }) => zip('BitwiseAnd', a, b));
  graphKernel('Prelu', ({ x, alpha }) => prelu(cast(x, 'float32'), cast(alpha, 'float32')));
  graphKernel('EluGrad', ({ dy, y }) => {
    // d elu / dx in terms of y = elu(x): 1 where y ≥ 0, y + 1 elsewhere.
    const one = scalar(1, 'float32');
    const slope = where(compare('GreaterOrEqual', y, scalar(0, 'float32')), one, zip('Add', y, one));
    return zip('Mul', dy, slope);
  });
  graphKernel('AddN', (inputs) => {
    const [first, ...rest] = Object.values(inputs);
    return rest.reduce((sum, value) => zip('Add', sum, value), first);
  });
  graphKernel('Select', ({ condition, t, e }) => select(condition, t, e));
}

/** Applies an arithmetic operator, to bool as int32: ONNX has no arithmetic for bool. */
export function arithmetic(opType: string, a: Value, b: Value): Value {
  if (a.dtype !== 'bool') return zip(opType, a, b);
  return cast(zip(opType, cast(a, 'int32'), cast(b, 'int32')), 'bool');
}

export function compare(opType: string, a: Value, b: Value): Value {
  const dtype: GraphDtype = a.dtype === 'bool' ? 'int32' : a.dtype;
  return zip(opType, cast(a, dtype), cast(b, dtype), 'bool');
}

/**
 * Divides in float64, which represents every int32 exactly, like the cpu backend. Native integer
 * division by zero would end the process; as in the cpu backend, x / 0 is 0 for int32.
 */
function viaFloat64(a: Value, b: Value, body: (a: Value, b: Value) => Value): Value {
  return castWrapping(body(cast(a, 'float64'), cast(b, 'float64')), a.dtype);
}

/** Floor division; int32 even for floating-point inputs, as in the cpu backend. */
function floorDiv(a: Value, b: Value): Value {
  return castWrapping(map('Floor', zip('Div', cast(a, 'float64'), cast(b, 'float64'))), 'int32');
}

/** Remainder with the sign of the divisor, as in Python. */
function mod(a: Value, b: Value): Value {
  return viaFloat64(a, b, (x, y) => {
    const remainder = fmod(x, y);
    const zero = scalar(0, 'float64');
    const differ = zip('Xor', compare('Less', x, zero), compare('Less', y, zero));
    return where(differ, fmod(zip('Add', remainder, y), y), remainder);
  });
}

/** Remainder with the sign of the dividend, as `%` in JavaScript. */
function fmod(x: Value, y: Value): Value {
  return emit('Mod', [x, y], broadcastShape(x.shape, y.shape), x.dtype, { fmod: 1 });
}

function pow(base: Value, exponent: Value): Value {
  if (base.dtype === 'float32') return zip('Pow', base, exponent);
  return viaFloat64(base, exponent, (x, y) => zip('Pow', x, y));
}

export function prelu(x: Value, alpha: Value): Value {
  return where(compare('Less', x, scalar(0, 'float32')), zip('Mul', x, alpha), x);
}

/** The angle of the point (x, y), from the one-argument arctangent; respects the signs of zeros. */
function atan2(y: Value, x: Value): Value {
  const c = (value: number): Value => scalar(value, 'float32');
  const is = (v: Value, value: number): Value => compare('Equal', v, c(value));
  // For two infinities only the quadrant is defined.
  const bothInfinite = zip('And', is(map('Abs', y), Infinity), is(map('Abs', x), Infinity));
  const quotient = zip('Div', where(bothInfinite, map('Sign', y), y), where(bothInfinite, map('Sign', x), x));
  const halfTurn = where(isNegative(y), c(-Math.PI), c(Math.PI));
  const onLeft = isNegative(x);
  const base = map('Atan', quotient);
  const slanted = where(onLeft, zip('Add', base, halfTurn), base);
  const onYAxis = where(is(x, 0), zip('Mul', map('Sign', y), c(Math.PI / 2)), slanted);
  return where(is(y, 0), where(isNaN(x), x, where(onLeft, halfTurn, y)), onYAxis);
}

/** True where the sign bit is set: -0, too, has a negative reciprocal. */
function isNegative(x: Value): Value {
  const zero = scalar(0, 'float32');
  return zip('Or', compare('Less', x, zero), compare('Less', map('Reciprocal', x), zero));
}

/** Broadcasts a condition of rank 1, which selects whole rows of inputs of higher rank. */
function select(condition: Value, yes: Value, no: Value): Value {
  const dtype = tf.upcastType(yes.dtype as NumericDtype, no.dtype as NumericDtype) as NumericDtype;
  const [t, e] = [cast(yes, dtype), cast(no, dtype)];
  if (condition.rank === 0 || condition.rank === t.rank) return where(condition, t, e);
  const rows = [condition.shape[0], ...t.shape.slice(1).map(() => 1)];
  return where(reshape(condition, rows), t, e);
}
