/** Weights per modality against a plain reading: each element through the layer of its kind. */
import * as tf from '@transfusion/tfjs';
import { createRng, disposeParams, initLinear, linear, mapParams, type LinearParams } from '@transfusion/nn';
import { beforeAll, expect, it } from 'vitest';
import { expectClose } from '../testing-internals/expect-close.js';
import {
  inputsOf,
  packed,
  sequencesOf,
  strip,
  text,
  toyShape,
  warmParams,
} from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import type { TransfusionParams } from '../model/transfusion.js';
import { applyByKind, type ElementKinds } from './element-kinds.js';
import type { TrunkParams } from './trunk.js';

beforeAll(() => tf.setBackend('cpu'));

it('takes every element through the function of its kind, alone', () => {
  const rng = createRng(2);
  const kindOf = ['tokens', 'b', 'a', 'a', 'tokens', 'b', 'tokens', 'a'];
  const [B, S, D] = [2, 4, 3];
  const params: Record<string, LinearParams> = {
    tokens: initLinear(rng.fork('tokens'), D, 2),
    a: initLinear(rng.fork('a'), D, 2),
    b: initLinear(rng.fork('b'), D, 2),
  };
  const x = tf.tensor3d(rng.fork('x').normals(B * S * D), [B, S, D]);
  // Kind a in two groups; a position too many in each group, as for spans that are not there.
  const groups = [
    { kind: 'a', positions: [3, 2, 0] },
    { kind: 'b', positions: [1, 5, 0] },
    { kind: 'a', positions: [7] },
  ];
  const results = groups.flatMap(({ positions }) => positions);
  const kinds: ElementKinds = {
    groups: groups.map(({ kind, positions }) => ({ kind, positions: tf.tensor1d(positions, 'int32') })),
    sources: tf.tensor1d(
      kindOf.map((kind, i) => (kind === 'tokens' ? i : 8 + results.indexOf(i))),
      'int32',
    ),
  };
  const [found, doubled] = applyByKind(params, kinds, x, (weights, elements) => {
    const y = linear(weights, elements);
    return [y, y.mul(2)];
  });
  expect(found.shape).toEqual([B, S, 2]);
  const expected = kindOf.flatMap((kind, i) => {
    const element = x.reshape([8, D]).slice([i, 0], [1, D]);
    return [...linear(params[kind], element).dataSync()];
  });
  expectClose(found.dataSync(), expected, { absolute: 1e-6 });
  expectClose(
    doubled.dataSync(),
    expected.map((value) => 2 * value),
    { absolute: 1e-6 },
  );
});

const documents = [
  [text('abc'), strip([1, -1, 0.5, 2, 0, 1]), text('f')],
  [strip([1, 2, 3, 4], 'wave'), strip([2, 0, 1, 1]), text('c'), strip([1, 1, 1, 0, 0, 0], 'wave')],
];
const batch = packed(toyShape(2, 24, 3), sequencesOf(documents));

function outputs(weights: 'shared' | 'per-modality', params: TransfusionParams): Float32Array[] {
  const model = toyModel({ weights });
  const { logits, spanOutputs } = model.forward(params, inputsOf(model, batch));
  return [logits, ...Object.values(spanOutputs)].map((tensor) => tensor.dataSync<'float32'>());
}

it('with equal weights for all kinds it is the model that shares them', () => {
  const shared = warmParams(toyModel());
  const { layers, norm } = shared.trunk;
  const kinds = ['tokens', 'strip', 'wave'];
  const copies = (node: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(kinds.map((kind) => [kind, node['tokens']]));
  const copied = { layers: layers.map(copies), norm: copies(norm) } as unknown as TrunkParams;
  const found = outputs('per-modality', { ...shared, trunk: copied });
  outputs('shared', shared).forEach((expected, i) => {
    expectClose(found[i], expected, { absolute: 1e-6, relative: 1e-6 });
  });
  disposeParams(shared);
});

it('the weights of a kind that does not occur do not matter, those of one that occurs do', () => {
  const params = warmParams(toyModel({ weights: 'per-modality' }));
  const model = toyModel({ weights: 'per-modality' });
  const onlyStrips = packed(toyShape(1, 24, 2), sequencesOf([[text('ab'), strip([1, 2, 3, 4]), text('c')]]));
  const logitsOf = (p: TransfusionParams): Float32Array =>
    model.forward(p, inputsOf(model, onlyStrips)).logits.dataSync<'float32'>();
  const changed = (kind: string): TransfusionParams =>
    mapParams(params, (tensor, path) =>
      path.includes(`.${kind}.`) && path.startsWith('trunk') ? tensor.mul(1.5) : tensor,
    );
  const before = logitsOf(params);
  expect(logitsOf(changed('wave'))).toEqual(before);
  expect(logitsOf(changed('strip'))).not.toEqual(before);
  expect(logitsOf(changed('tokens'))).not.toEqual(before);
});
