/** The cases of `backend/trained-layers.test.ts`: every layer of `tf.layers` with its options. */
import * as tf from '@tensorflow/tfjs';

type Layer = tf.layers.Layer;
type Factory = keyof typeof tf.layers;

/** A model of one layer: the shapes of its inputs without the batch, and what it is made with. */
export interface LayerCase {
  readonly factory: string;
  readonly inputs: readonly number[][];
  readonly variant: string;
  readonly make: () => Layer;
  /** The inputs are integers from 0 on: indices. */
  readonly indices: boolean;
  readonly cpu: CpuState;
  readonly differences: boolean;
}

/** `lacks`: the cpu backend has no such gradient, or a wrong one; `wrong`: its result is wrong already. */
type CpuState = 'same' | 'lacks' | 'wrong';

interface CaseOptions {
  readonly indices?: boolean;
  readonly cpu?: CpuState;
  /** False where the step is more than the slope of the loss: penalties and constraints of weights. */
  readonly differences?: boolean;
}

/** Cases of one factory: the same inputs, and different arguments. */
export function layer(
  factory: Factory,
  inputs: number[] | number[][],
  variants: readonly object[] = [{}],
  { indices = false, cpu = 'same', differences = true }: CaseOptions = {},
): LayerCase[] {
  return variants.map((args) => ({
    factory,
    inputs: (Array.isArray(inputs[0]) ? inputs : [inputs]) as number[][],
    variant: JSON.stringify(args, (_, value: unknown) =>
      value instanceof tf.layers.Layer ? value.name : value,
    ),
    make: () => (tf.layers[factory] as unknown as (config: object) => Layer)(args),
    indices,
    cpu,
    differences,
  }));
}

/** Like {@link layer}, for a layer around others, which are made anew for each model. */
function around(
  factory: Factory,
  inputs: number[],
  variants: Readonly<Record<string, () => object>>,
): LayerCase[] {
  return Object.entries(variants).map(([variant, args]) => ({
    ...layer(factory, inputs)[0],
    variant,
    make: () => (tf.layers[factory] as unknown as (config: object) => Layer)(args()),
  }));
}

const ACTIVATIONS = [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
];
const CONVOLUTIONS = [
  { strides: 2, padding: 'same' },
  { useBias: false, activation: 'tanh' },
  { dataFormat: 'channelsFirst', padding: 'same' },
];
const RECURRENT = [
  { units: 2 },
  { units: 2, returnSequences: true, useBias: false, activation: 'sigmoid' },
  { units: 2, goBackwards: true, dropout: 0, recurrentDropout: 0 },
];
const MERGED = [[3], [3]];

export const LAYER_CASES: readonly LayerCase[] = [
  // Convolutions.
  ...layer(
    'conv1d',
    [6, 2],
    [
      { filters: 2, kernelSize: 2 },
      { filters: 2, kernelSize: 2, dilationRate: 2 },
      { filters: 2, kernelSize: 2, dilationRate: [3], activation: 'relu' },
      { filters: 2, kernelSize: 2, dataFormat: 'channelsFirst', strides: 2 },
    ],
  ),
  ...layer(
    'conv2d',
    [6, 5, 2],
    [
      ...[
        ...CONVOLUTIONS,
        { dilationRate: 2 },
        { dilationRate: [1, 2], activation: 'relu', useBias: false },
      ].map((args) => ({ filters: 2, kernelSize: 2, ...args })),
      { filters: 2, kernelSize: [2, 3], dilationRate: [2, 1], dataFormat: 'channelsFirst', padding: 'same' },
      ...['relu', 'relu6', 'elu', 'sigmoid', 'softmax'].map((activation) => ({
        filters: 3,
        kernelSize: 1,
        activation,
      })),
    ],
  ),
  ...layer(
    'conv2dTranspose',
    [3, 4, 2],
    CONVOLUTIONS.map((args) => ({ filters: 2, kernelSize: 2, ...args })),
  ),
  ...layer(
    'conv3d',
    [3, 4, 3, 2],
    [
      ...CONVOLUTIONS.map((args) => ({ filters: 2, kernelSize: 2, ...args })),
      { filters: 2, kernelSize: 2, dilationRate: [2, 1, 1] },
    ],
  ),
  ...layer(
    'conv3dTranspose',
    [2, 3, 2, 2],
    CONVOLUTIONS.map((args) => ({ filters: 2, kernelSize: 2, ...args })),
  ),
  ...layer(
    'depthwiseConv2d',
    [6, 5, 2],
    [
      { kernelSize: 3 },
      { kernelSize: 2, dilationRate: 2 },
      { kernelSize: 2, dilationRate: [2, 3], activation: 'relu' },
      ...CONVOLUTIONS.map((args) => ({ kernelSize: 2, depthMultiplier: 2, ...args })),
    ],
  ),
  ...layer(
    'separableConv2d',
    [6, 5, 2],
    [
      { filters: 2, kernelSize: 2, dilationRate: 2 },
      { filters: 2, kernelSize: 2, depthMultiplier: 2, strides: 2, padding: 'same', useBias: false },
      { filters: 2, kernelSize: 2, dataFormat: 'channelsFirst', useBias: false, activation: 'elu' },
    ],
  ),
  // Dense layers, and what applies to the weights of any layer.
  ...layer(
    'dense',
    [3],
    [...ACTIVATIONS.map((activation) => ({ units: 5, activation })), { units: 2, useBias: false }],
  ),
  ...layer('dense', [3], [
    { units: 2, kernelRegularizer: 'l1l2', biasRegularizer: 'l1l2' },
    ...['maxNorm', 'minMaxNorm', 'nonNeg', 'unitNorm'].map((kernelConstraint) => ({ units: 2, kernelConstraint })),
  ], { differences: false }), // prettier-ignore
  ...layer(
    'dense',
    [2, 3],
    [
      { units: 2, activation: 'relu' },
      { units: 2, useBias: false },
    ],
  ),
  ...layer('embedding', [4], [
    { inputDim: 5, outputDim: 3 },
    { inputDim: 5, outputDim: 2, inputLength: 4, maskZero: true },
  ], { indices: true }), // prettier-ignore
  // Recurrent layers.
  ...layer('simpleRNN', [3, 2], RECURRENT),
  ...layer('gru', [3, 2], [...RECURRENT, { units: 2, implementation: 2, recurrentActivation: 'sigmoid' }]),
  ...layer('lstm', [3, 2], [...RECURRENT, { units: 2, implementation: 2, unitForgetBias: false }]),
  ...around('rnn', [3, 2], {
    simpleRNNCell: () => ({ cell: tf.layers.simpleRNNCell({ units: 2 }) }),
    gruCell: () => ({ cell: tf.layers.gruCell({ units: 2, useBias: false }) }),
    lstmCell: () => ({ cell: tf.layers.lstmCell({ units: 2 }), returnSequences: true }),
    stackedRNNCells: () => ({
      cell: tf.layers.stackedRNNCells({
        cells: [tf.layers.gruCell({ units: 3 }), tf.layers.lstmCell({ units: 2 })],
      }),
    }),
  }),
  ...layer(
    'convLstm2d',
    [2, 4, 4, 1],
    [
      { filters: 2, kernelSize: 2 },
      { filters: 2, kernelSize: 2, padding: 'same', dilationRate: 2, returnSequences: true, useBias: false },
      { filters: 1, kernelSize: 2, strides: 2, activation: 'sigmoid' },
    ],
  ),
  ...around(
    'bidirectional',
    [3, 2],
    Object.fromEntries(
      (['sum', 'mul', 'concat', 'ave'] as const).map((mergeMode) => [
        mergeMode,
        () => ({ layer: tf.layers.gru({ units: 2, returnSequences: true }) as never, mergeMode }),
      ]),
    ),
  ),
  ...around('timeDistributed', [3, 4], {
    dense: () => ({ layer: tf.layers.dense({ units: 2, activation: 'tanh' }) }),
  }),
  ...around('timeDistributed', [2, 4, 4, 1], {
    'dilated conv2d': () => ({ layer: tf.layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2 }) }),
  }),
  // Normalization and activations.
  // In 4.22 `center: false` and `scale: false` fail in the layer itself, on every backend.
  ...layer('batchNormalization', [4], [{}, { epsilon: 0.01 }]),
  ...layer('batchNormalization', [3, 2, 2], [{}]),
  ...layer('batchNormalization', [3, 2, 2], [{ axis: 1, momentum: 0.5 }], { cpu: 'wrong' }),
  ...layer('layerNormalization', [4], [{}, { center: false }, { scale: false }]),
  ...layer('layerNormalization', [3, 2], [{ axis: [1, 2] }, { axis: 1 }]),
  ...layer('prelu', [3, 2], [{}, { sharedAxes: [1] }]),
  ...layer(
    'activation',
    [5],
    ACTIVATIONS.map((activation) => ({ activation })),
  ),
  ...layer('elu', [5], [{}]),
  ...layer('leakyReLU', [5], [{}, { alpha: 0.1 }]),
  ...layer('reLU', [5], [{}, { maxValue: 1 }]),
  ...layer('thresholdedReLU', [5], [{ theta: 0.2 }]),
  ...layer('softmax', [3]),
  ...layer('softmax', [2, 3], [{ axis: -1 }]),
  // Layers without weights: the gradient passes through them.
  ...(['add', 'average', 'maximum', 'minimum', 'multiply'] as const).flatMap((factory) =>
    layer(factory, MERGED),
  ),
  ...layer('concatenate', [[2, 3], [2, 1]]), // prettier-ignore
  ...layer('concatenate', [[2, 3], [1, 3]], [{ axis: 1 }]), // prettier-ignore
  ...layer('dot', [[2, 3], [4, 3]], [{ axes: -1 }, { axes: 2, normalize: true }]), // prettier-ignore
  ...layer('dot', [[2, 3], [3, 4]], [{ axes: [2, 1] }]), // prettier-ignore
  ...(['averagePooling1d', 'maxPooling1d'] as const).flatMap((factory) => [
    ...layer(factory, [5, 2]),
    ...layer(factory, [5, 2], [{ poolSize: 3, strides: 1, padding: 'same' }], { cpu: poolingOnCpu(factory) }),
  ]),
  ...(['averagePooling2d', 'maxPooling2d'] as const).flatMap((factory) => [
    ...layer(factory, [5, 4, 2], [{}, { dataFormat: 'channelsFirst', poolSize: 2 }]),
    ...layer(factory, [5, 4, 2], [{ poolSize: [2, 3], strides: 1, padding: 'same' }], {
      cpu: poolingOnCpu(factory),
    }),
  ]),
  ...(['averagePooling3d', 'maxPooling3d'] as const).flatMap((factory) => [
    ...layer(factory, [4, 3, 4, 2], [{}, { dataFormat: 'channelsFirst' }]),
    ...layer(factory, [4, 3, 4, 2], [{ strides: 1, padding: 'same' }], { cpu: poolingOnCpu(factory) }),
  ]),
  ...(['globalAveragePooling1d', 'globalMaxPooling1d'] as const).flatMap((factory) => layer(factory, [4, 2])),
  ...(['globalAveragePooling2d', 'globalMaxPooling2d'] as const).flatMap((factory) =>
    layer(factory, [3, 2, 2], [{}, { dataFormat: 'channelsFirst' }]),
  ),
  ...layer('cropping2D', [4, 5, 4], [{ cropping: [[1, 0], [1, 2]] }, { cropping: 1, dataFormat: 'channelsFirst' }]), // prettier-ignore
  ...layer('zeroPadding2d', [2, 3, 2], [{}, { padding: [[1, 0], [0, 2]], dataFormat: 'channelsFirst' }]), // prettier-ignore
  ...layer('upSampling2d', [2, 3, 2], [
    {},
    { size: [1, 2], dataFormat: 'channelsFirst' },
    { size: [2, 2], interpolation: 'bilinear' },
  ], { cpu: 'lacks' }), // prettier-ignore
  ...layer('rescaling', [3], [{ scale: 2, offset: 0.5 }]),
  ...layer('flatten', [2, 3], [{}, { dataFormat: 'channelsFirst' }]),
  ...layer('reshape', [2, 3], [{ targetShape: [3, 2] }]),
  ...layer('permute', [2, 3, 4], [{ dims: [3, 1, 2] }]),
  ...layer('repeatVector', [3], [{ n: 2 }]),
  ...layer('masking', [3, 2], [{ maskValue: 0.5 }]),
  ...layer(
    'dropout',
    [4, 3],
    [
      { rate: 0.5, seed: 3 },
      { rate: 0.5, seed: 3, noiseShape: [2, 1, 3] },
    ],
  ),
  ...layer('spatialDropout1d', [4, 3], [{ rate: 0.5, seed: 3 }]),
  ...layer('gaussianNoise', [4], [{ stddev: 0 }]),
  ...layer('gaussianDropout', [4], [{ rate: 0 }]),
  ...layer('alphaDropout', [4], [{ rate: 0 }]),
];

/** The cpu backend divides by the whole window even where padding was left out of the average. */
function poolingOnCpu(factory: Factory): CpuState {
  return factory.startsWith('average') ? 'lacks' : 'same';
}

/** Factories without a case of their own, and why. */
export const OTHER_FACTORIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'avgPool1d',
      'avgPool2d',
      'avgPool3d',
      'avgPooling1d',
      'avgPooling2d',
      'avgPooling3d',
      'globalMaxPool1d',
      'globalMaxPool2d',
      'maxPool1d',
      'maxPool2d',
    ].map((name) => [name, 'another name of a layer above']),
  ),
  ...Object.fromEntries(['Layer', 'RNN', 'RNNCell'].map((name) => [name, 'a base class'])),
  ...Object.fromEntries(['input', 'inputLayer'].map((name) => [name, 'in every model'])),
  ...Object.fromEntries(
    ['simpleRNNCell', 'gruCell', 'lstmCell', 'stackedRNNCells'].map((name) => [name, 'in the cases of rnn']),
  ),
  convLstm2dCell: 'in convLstm2d',
  resizing: 'has no symbolic output: it resizes data only',
  centerCrop: 'cropAndResize has no gradient',
  categoryEncoding: 'of indices',
  randomWidth: 'random, and without weights',
};
