/** Exports every sample and runs the ONNX checker on the files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonOf, runOrExit } from '@transfusion/setup/python-environment';
import * as tf from '@transfusion/tfjs';
import { exportDynamicOnnx, exportOnnx } from '@transfusion/tfjs-backend-onnxruntime';
import { decoder, samples } from './samples.js';

const CHECKER = `
import sys, onnx
for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    print(f"{path.split('/')[-1]:24} {len(model.graph.node):5} nodes   valid (onnx {onnx.__version__})")
`;

const python = pythonOf(fileURLToPath(new URL('..', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'onnx-checker-'));
try {
  await tf.setBackend('onnxruntime');
  const paths = samples().map(({ name, fn, inputs }) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.onnx`);
    exportOnnx(fn, inputs, { path });
    return path;
  });
  const { fn, ...options } = decoder();
  for (const precision of ['single', 'half', 'int8'] as const) {
    const path = join(folder, `${options.name}-${precision}.onnx`);
    exportDynamicOnnx(fn, { ...options, precision, path });
    paths.push(path);
  }
  runOrExit(python, ['-c', CHECKER, ...paths]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
