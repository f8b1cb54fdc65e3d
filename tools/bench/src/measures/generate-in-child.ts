/** The process of `generation-memory.ts`: generates, looks at its own memory, and tells its parent. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { createEngine } from '@transfusion/core';
import { generationModel } from '../models/generation.js';
import type { GenerationMemoryJob, GenerationMemoryResult } from './generation-memory.js';
import { imageRequests, textRequests } from './generation-requests.js';

await tf.setBackend('onnxruntime');
const { name, numRequests } = JSON.parse(process.argv[2]) as GenerationMemoryJob;
const { model, params } = await generationModel(name);
const engine = createEngine(model, params);
await engine.warmUp();
const warmedUpBytes = process.memoryUsage.rss();
const samples: number[] = [];
const AT_ONCE = 8;
for (let done = 0; done < numRequests; done += AT_ONCE) {
  const texts = textRequests(AT_ONCE, 4 + (done % 29), 1 + (done % 150)).slice(0, AT_ONCE - 2);
  const images = imageRequests(2, 1 + (done % 3));
  await Promise.all(
    [...texts, ...images].map(async (request, i) => {
      let events = 0;
      // Some are left before their end.
      for await (const event of engine.submit({ ...request, seed: done + i })) {
        void event;
        if (i === 0 && ++events === 3) break;
      }
    }),
  );
  samples.push(process.memoryUsage.rss());
}
const result: GenerationMemoryResult = { warmedUpBytes, samples };
process.send!(result, () => process.disconnect());
