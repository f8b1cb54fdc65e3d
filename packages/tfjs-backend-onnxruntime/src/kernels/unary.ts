/** Element-wise kernels of one input. */
import { cast, map, where, zip } from '../graph/build.js';
import { emit, scalar } from '../graph/emit.js';
import type { Attributes, Value } from '../graph/value.js';
import { graphKernel } from './kernel.js';

/** Kernels that are one ONNX operator, for every element type that TensorFlow.js passes to them. */
const DIRECT: Readonly<Record<string, string>> = { Abs: 'Abs', Neg: 'Neg' };

/** Kernels that return integers unchanged. Both libraries round halves to even. */
const ROUNDING: Readonly<Record<string, string>> = { Ceil: 'Ceil', Floor: 'Floor', Round: 'Round' };

/** Kernels that are one ONNX operator of float32; other inputs are cast first. */
const DIRECT_FLOAT: Readonly<Record<string, string>> = {
  Acos: 'Acos',
  Acosh: 'Acosh',
  Asin: 'Asin',
  Asinh: 'Asinh',
  Atan: 'Atan',
  Atanh: 'Atanh',
  Cos: 'Cos',
  Cosh: 'Cosh',
  Elu: 'Elu',
  Erf: 'Erf',
  Exp: 'Exp',
  Log: 'Log',
  Reciprocal: 'Reciprocal',
  Selu: 'Selu',
  Sigmoid: 'Sigmoid',
  Sin: 'Sin',
  Sinh: 'Sinh',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Tan: 'Tan',
  Tanh: 'Tanh',
};

export function registerUnaryKernels(): void {
  for (const [kernel, opType] of Object.entries(DIRECT)) {
    graphKernel(kernel, ({ x }) => numeric(x, (v) => map(opType, v)));
  }
  graphKernel('LogicalNot', ({ x }) => map('Not', x));
  for (const [kernel, opType] of Object.entries(ROUNDING)) {
    graphKernel(kernel, ({ x }) => (x.dtype === 'float32' ? map(opType, x) : x));
  }
  for (const [kernel, opType] of Object.entries(DIRECT_FLOAT)) {
    graphKernel(kernel, ({ x }) => float(opType, x));
  }
  graphKernel('Square', ({ x }) => numeric(x, (v) => zip('Mul', v, v)));
  graphKernel('Rsqrt', ({ x }) => map('Reciprocal', float('Sqrt', x)));
  graphKernel('Expm1', ({ x }) => expm1(cast(x, 'float32')));
  graphKernel('Log1p', ({ x }) => log1p(cast(x, 'float32')));
  graphKernel('Sign', ({ x }) => numeric(x, sign));
  graphKernel('Relu', ({ x }) => numeric(x, relu));
  graphKernel('Relu6', ({ x }) => numeric(x, (v) => clip(v, 0, 6)));
  graphKernel<{ alpha: number }>('LeakyRelu', ({ x }, { alpha }) => leakyRelu(cast(x, 'float32'), alpha));
  graphKernel<{ alpha: number }>('Step', ({ x }, { alpha }) => numeric(x, (v) => step(v, alpha)));
  graphKernel<{ clipValueMin: number; clipValueMax: number }>(
    'ClipByValue',
    ({ x }, { clipValueMin, clipValueMax }) => numeric(x, (v) => clip(v, clipValueMin, clipValueMax)),
  );
  graphKernel('IsNan', ({ x }) => predicate('IsNaN', x));
  graphKernel('IsInf', ({ x }) => predicate('IsInf', x));
  graphKernel('IsFinite', ({ x }) => {
    return map('Not', zip('Or', predicate('IsNaN', x), predicate('IsInf', x)));
  });
}

/** Applies `body`, to bool as int32: ONNX has no arithmetic for bool. */
export function numeric(x: Value, body: (x: Value) => Value): Value {
  return x.dtype === 'bool' ? cast(body(cast(x, 'int32')), 'bool') : body(x);
}

function float(opType: string, x: Value, attributes?: Attributes): Value {
  return map(opType, cast(x, 'float32'), attributes);
}

function predicate(opType: string, x: Value): Value {
  return emit(opType, [cast(x, 'float32')], x.shape, 'bool');
}

/** Computes exp(x) − 1 = tanh(x/2) · (exp(x) + 1): accurate near zero, where the plain form cancels. */
function expm1(x: Value): Value {
  const half = map('Tanh', zip('Mul', x, scalar(0.5, 'float32')));
  return zip('Mul', half, zip('Add', map('Exp', x), scalar(1, 'float32')));
}

/** Computes log(1 + x); near zero as 2·atanh(x / (2 + x)), which does not cancel. */
function log1p(x: Value): Value {
  const ratio = zip('Div', x, zip('Add', x, scalar(2, 'float32')));
  const near = zip('Mul', map('Atanh', ratio), scalar(2, 'float32'));
  const far = map('Log', zip('Add', x, scalar(1, 'float32')));
  return where(zip('Less', map('Abs', x), scalar(0.1, 'float32'), 'bool'), near, far);
}

/** The sign of NaN is 0, as in the cpu backend. */
function sign(x: Value): Value {
  return x.dtype === 'float32' ? where(isNaN(x), scalar(0, 'float32'), map('Sign', x)) : map('Sign', x);
}

export function isNaN(x: Value): Value {
  return emit('IsNaN', [x], x.shape, 'bool');
}

export function relu(x: Value): Value {
  return x.dtype === 'float32' ? map('Relu', x) : zip('Max', x, scalar(0, x.dtype));
}

export function leakyRelu(x: Value, alpha: number): Value {
  return map('LeakyRelu', x, { alpha: { float: alpha } });
}

/** Clips to [min, max]; NaN stays NaN. */
export function clip(x: Value, min: number, max: number): Value {
  return emit('Clip', [x, scalar(min, x.dtype), scalar(max, x.dtype)], x.shape, x.dtype);
}

/** 1 above zero, `alpha` elsewhere, NaN where x is NaN. */
function step(x: Value, alpha: number): Value {
  const positive = zip('Greater', x, scalar(0, x.dtype), 'bool');
  const stepped = where(positive, scalar(1, x.dtype), scalar(alpha, x.dtype));
  return x.dtype === 'float32' ? where(isNaN(x), x, stepped) : stepped;
}
