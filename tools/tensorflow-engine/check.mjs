/**
 * Loads the engine as a program in a folder would, and compares it to TensorFlow.js's `cpu` backend.
 *
 *     node tools/tensorflow-engine/check.mjs [folder]
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EngineError, runMain } from './engine-error.mjs';
import { defaultFolder } from './engine-folder.mjs';
import { restoreNodeFunctions } from './restore-node-functions.mjs';

const tolerance = 1e-4;

async function main() {
  restoreNodeFunctions();
  const tf = loadEngine(resolve(process.argv[2] ?? defaultFolder));
  await tf.ready();
  const { TF_Version: library } = tf.backend().binding;
  console.log(`backend ${tf.getBackend()}, TensorFlow ${library}, TensorFlow.js ${tf.version_core}`);
  const { best, median } = matMulRate(tf, 2048);
  console.log(`matMul 2048x2048: ${median} GFLOP/s (median of 9), best ${best}`);

  const checks = { matMul, gradient, trainingStep };
  const failed = Object.entries(checks).filter(([name, compute]) => {
    const [tensorflow, cpu] = ['tensorflow', 'cpu'].map((backend) => valuesOn(tf, backend, compute));
    const error = relativeError(tensorflow, cpu);
    console.log(
      `${name}: ${cpu.length} values, largest difference to cpu ${error.toExponential(1)} of the norm`,
    );
    return !(error <= tolerance);
  });
  if (failed.length === 0) return 0;
  throw new EngineError(
    `Differs from cpu by more than ${tolerance}: ${failed.map(([name]) => name).join(', ')}`,
  );
}

function loadEngine(folder) {
  try {
    return createRequire(join(folder, 'package.json'))('@tensorflow/tfjs-node');
  } catch (error) {
    throw new EngineError(
      `The engine does not load from ${folder}: ${error.message}\nBuild it: node tools/tensorflow-engine/build.mjs`,
    );
  }
}

/** In GFLOP/s. */
function matMulRate(tf, size) {
  const a = tf.randomNormal([size, size], 0, 1, 'float32', 1);
  const rates = Array.from({ length: 10 }, () => {
    const start = performance.now();
    const product = tf.matMul(a, a);
    product.dataSync();
    product.dispose();
    return Math.round((2 * size ** 3) / (performance.now() - start) / 1e6);
  });
  a.dispose();
  const sorted = rates.slice(1).sort((x, y) => x - y); // the first run warms up
  return { best: sorted.at(-1), median: sorted[4] };
}

function valuesOn(tf, backend, compute) {
  tf.setBackend(backend);
  return tf.tidy(() => compute(tf).flatMap((tensor) => [...tensor.dataSync()]));
}

// Seeded numbers are drawn in JavaScript, so that both backends get the same.
function normal(tf, shape, seed) {
  return tf.randomNormal(shape, 0, 1, 'float32', seed);
}

function matMul(tf) {
  return [tf.matMul(normal(tf, [128, 256], 1), normal(tf, [256, 192], 2))];
}

/** Of an embedding table, a filter and a matrix: what the wasm backend cannot differentiate is among them. */
function gradient(tf) {
  const ids = tf.tensor1d([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3], 'int32');
  const loss = (table, filter, weight) => {
    const image = tf.reshape(tf.gather(table, ids), [1, 4, 4, 8]); // [B, h, w, C]
    const features = tf.elu(tf.conv2d(image, filter, 1, 'same'));
    return tf.mean(tf.square(tf.matMul(tf.reshape(features, [16, 12]), weight)));
  };
  const inputs = [normal(tf, [10, 8], 3), normal(tf, [3, 3, 8, 12], 4), normal(tf, [12, 6], 5)];
  return tf.grads(loss)(inputs);
}

/** One step of Adam on a two-layer classifier: the loss, then the parameters after the step. */
function trainingStep(tf) {
  const x = normal(tf, [64, 32], 6);
  const labels = tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [64, 10]), 1), 10);
  const parameters = [normal(tf, [32, 48], 7), normal(tf, [48, 10], 8)].map((value) => tf.variable(value));
  const optimizer = tf.train.adam(1e-2);
  const loss = optimizer.minimize(
    () => {
      const logits = tf.matMul(tf.relu(tf.matMul(x, parameters[0])), parameters[1]);
      return tf.losses.softmaxCrossEntropy(labels, logits);
    },
    true,
    parameters,
  );
  const results = [loss, ...parameters.map((parameter) => tf.clone(parameter))];
  optimizer.dispose();
  parameters.forEach((parameter) => parameter.dispose());
  return results;
}

function relativeError(actual, expected) {
  const norm = Math.hypot(...expected) / Math.sqrt(expected.length);
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]) / norm), 0);
}

await runMain(main);
