/** Generates images with the Python program and with the engine, and compares them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emojiModelFolder } from '@transfusion/emoji';
import { selectEngine } from '@transfusion/engine';
import { exportModel, SUFFIXES, type ExportPrecision } from '@transfusion/export';
import { decodeImage, imageFactory, type RgbImage } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { textToImage } from '@transfusion/pipelines';
import { loadModel } from '@transfusion/runs';
import { pythonOf, runOrExit } from '@transfusion/setup/python-environment';

const here = fileURLToPath(new URL('..', import.meta.url));

/** Images to compare. */
const IMAGES = [
  { prompt: 'red apple, noto', seed: 1, guidanceScale: 3, sampler: 'flow-euler' },
  { prompt: 'cat face, fluent', seed: 2, guidanceScale: 1, sampler: 'flow-euler' },
  { prompt: 'blue car, twemoji', seed: 3, guidanceScale: 5, sampler: 'flow-heun' },
] as const;
const NUM_STEPS = 25;

/** Largest difference of a channel, 0 to 255, in single precision. */
const TOLERANCE = 1;

function largestDifference(a: RgbImage, b: RgbImage): number {
  if (a.data.length !== b.data.length) return Infinity;
  return a.data.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b.data[i])), 0);
}

const python = pythonOf(here);
const folder = mkdtempSync(join(tmpdir(), 'python-runtime-'));
try {
  await selectEngine('onnxruntime');
  const trained = await loadModel(emojiModelFolder, [textFactory(), imageFactory()]);
  const [{ latentShapes }] = trained.model.modalities.continuous;
  const size = latentShapes[0].reduce((a, b) => a * b);
  const precisions: readonly ExportPrecision[] = ['single', 'half', 'int8'];
  const exported = join(folder, 'model');
  await exportModel(trained, { folder: exported, precisions, numInferenceSteps: [NUM_STEPS] });
  let isWithin = true;
  for (const { prompt, seed, guidanceScale, sampler } of IMAGES) {
    const options = { seed, numInferenceSteps: NUM_STEPS, guidanceScale, scheduler: sampler };
    const [expected] = (await textToImage(trained, [prompt], options)) as RgbImage[];
    // The noise of the first image of a request with this seed.
    const noise = createRng(seed).fork('span 0').fork('start').normals(size);
    const [noiseFile, imageFile] = [join(folder, 'noise.f32'), join(folder, 'image.png')];
    writeFileSync(noiseFile, noise);
    const differences = [];
    for (const precision of precisions) {
      runOrExit(python, [
        ...[join(here, 'generate.py'), exported, prompt, noiseFile, imageFile],
        ...['--guidance', String(guidanceScale), '--sampler', sampler, '--suffix', SUFFIXES[precision]],
      ]);
      const difference = largestDifference(expected, await decodeImage(readFileSync(imageFile)));
      if (precision === 'single' && difference > TOLERANCE) isWithin = false;
      differences.push(`${precision} ${difference}`);
    }
    console.log(`${prompt}, ${sampler}: largest difference of 255: ${differences.join(', ')}`);
  }
  if (!isWithin) {
    console.error(`Expected at most ${TOLERANCE} in single precision.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
