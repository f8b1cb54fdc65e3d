/** A miniature of everything that the suite measures: shows that it works, judges no figure. */
import { expect, test } from 'vitest';
import { keepsFloor, type Measure } from '../measure.js';
import { measureEngine, type EnginePlan } from './engine.js';

const miniature: EnginePlan = {
  llama: { batchSize: 2, seqLen: 8, modelDim: 16, numLayers: 1, numHeads: 2, ffnDim: 32, vocabSize: 32 },
  unet: { batchSize: 2, gridSize: 4, latentChannels: 4, channels: [4, 8], numGroups: 2 },
  sgemmSizes: [16, 32, 48],
  rounds: 3,
  maxRounds: 4,
  sampleMilliseconds: 1,
  otherBackendSamples: 2,
  smallCalls: { samples: 3, callsPerSample: 5 },
  memory: { steps: 12, interval: 1, warmUpSteps: 2, windowSteps: 4 },
};

test('measures everything once', async () => {
  const groups = await measureEngine(miniature, { progress: () => {} });
  const measures = groups.flatMap((group) => group.measures);
  const byName = new Map(measures.map((measure) => [measure.name, measure]));
  expect([...byName.keys()]).toEqual([
    'run.processors',
    ...['sgemm.16', 'sgemm.32', 'sgemm.48', 'sgemm.rate'],
    ...['llama.rate', 'llama.step', 'llama.ratio', 'llama.loss'],
    ...['unet.rate', 'unet.step', 'unet.ratio', 'unet.loss'],
    ...['wasm.16', 'cpu.16'],
    ...['llama.trace', 'llama.compile', 'llama.nodes', 'llama.onnx'],
    ...['small.jitted', 'small.chain', 'small.read'],
    ...['memory.resident', 'memory.growth', 'memory.peak'],
  ]);
  expect(byName.size).toBe(measures.length);

  const isPositive = ({ name, value }: Measure): boolean => name === 'memory.growth' || value > 0;
  expect(measures.filter((measure) => !Number.isFinite(measure.value) || !isPositive(measure))).toEqual([]);
  expect(keepsFloor(byName.get('llama.loss')!)).toBe(true);
  expect(keepsFloor(byName.get('unet.loss')!)).toBe(true);
  expect(byName.get('memory.peak')!.value).toBeGreaterThan(0.05);
});
