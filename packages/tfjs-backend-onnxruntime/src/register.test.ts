import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** In a process of its own: warnings appear once in each. */
const PROGRAM = `
  import * as tf from '@transfusion/tfjs';
  import { loadOnnxRuntime } from '${new URL('index.ts', import.meta.url).href}';

  loadOnnxRuntime();
  const first = [tf.ones([2]).add(1).arraySync(), tf.getBackend()];
  await tf.setBackend('onnxruntime');
  const unique = tf.unique(tf.tensor1d([1, 1])).values.arraySync();
  tf.unique(tf.tensor1d([1, 1])).values.arraySync();
  console.log(JSON.stringify([...first, unique]));`;

it('the cpu backend gives no advice to install another, and fallbacks warn once', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=@transfusion/source',
      '--import',
      import.meta.resolve('tsx'),
      '--input-type=module',
      '--eval',
      PROGRAM,
    ],
    { encoding: 'utf8' },
  );
  expect(stdout).toBe('[[2,2],"cpu",[1]]\n');
  expect(stderr).toBe('onnxruntime backend: Unique has no ONNX form and runs in JavaScript (cpu backend).\n');
});
