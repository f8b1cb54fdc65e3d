/**
 * The process of one model: loads it, and runs the requests that the server sends. A process of its own, because
 * computing blocks the event loop, and because a worker thread that is terminated while it computes takes the whole
 * process with it.
 */
import { createEngine, type GenerationEngine } from '@transfusion/core';
import { TransfusionError } from '@transfusion/errors';
import { selectEngine, type EngineName } from '@transfusion/engine';
import { loadModel } from '@transfusion/runs';
import { modalityFactories } from '../composition/modality-factories.js';
import { InferenceError, type InferenceRequest } from './model-host.js';
import { imageSizes } from './image/image-sizes.js';
import { kindsOf } from './model-media.js';
import type { RequestContext } from './prepare-request.js';
import type { FromModel, MessagesFromModel, ModelProcessOptions, ToModel } from './protocol.js';
import { runInference } from './run-inference.js';

/** Milliseconds between reports of the engine's state. */
const REPORT_MILLISECONDS = 200;

const { folder, engine: engineName, maxRunning, limits } = JSON.parse(process.argv[2]) as ModelProcessOptions;
const unsent: FromModel[] = [];
/**
 * Sends a message, with all others that follow from the same call of the engine: one for each of its rows. Not in a
 * later turn of the event loop, since the engine's next call would come before it.
 */
const send = (message: FromModel): void => {
  if (unsent.push(message) > 1) return;
  process.nextTick(() => {
    const messages: MessagesFromModel = unsent.splice(0);
    if (process.connected) process.send!(messages);
  });
};
process.once('disconnect', () => process.exit());
// The server decides when this process ends, also if signals reach the whole process group: Ctrl-C, a service manager.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

try {
  await selectEngine(engineName as EngineName | 'auto');
  const { model, params } = await loadModel(folder, modalityFactories);
  const engine = createEngine(model, params, { maxRequests: maxRunning });
  await engine.warmUp();
  const sizes = await imageSizes(model.modalities);
  answer({ trained: { model, params, engine }, sizes, limits });
  reportState(engine);
  send({
    type: 'ready',
    info: {
      mediaTypes: kindsOf(model.modalities),
      imageSizes: sizes.map(({ width, height }) => [width, height]),
    },
  });
} catch (error) {
  send({ type: 'failed', message: messageOf(error) });
  setImmediate(() => process.disconnect());
}

/** Runs the requests that come. */
function answer(context: RequestContext): void {
  const running = new Map<number, AbortController>();
  const run = async (id: number, request: InferenceRequest): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      for await (const event of runInference(context, request, controller.signal)) {
        if (controller.signal.aborted) break;
        send({ type: 'event', id, event });
      }
      send({ type: 'done', id });
    } catch (error) {
      send({ type: 'error', id, ...failureOf(error) });
    } finally {
      running.delete(id);
    }
  };
  process.on('message', (message: ToModel) => {
    if (message.type === 'submit') void run(message.id, message.request);
    else running.get(message.id)?.abort();
  });
}

function reportState(engine: GenerationEngine): void {
  let last = engine.stats;
  setInterval(() => {
    const { stats } = engine;
    const { numRequests, numRows, cacheBytes, numTicks, numComputedRows } = stats;
    const ticks = numTicks - last.numTicks;
    const rowsPerTick = ticks === 0 ? 0 : (numComputedRows - last.numComputedRows) / ticks;
    last = stats;
    const residentBytes = process.memoryUsage.rss();
    send({
      type: 'state',
      state: { numRequests, numRows, cacheBytes, numTicks, rowsPerTick, residentBytes },
    });
  }, REPORT_MILLISECONDS).unref();
}

function failureOf(error: unknown): { readonly kind: InferenceError['kind']; readonly message: string } {
  if (error instanceof InferenceError) return { kind: error.kind, message: error.message };
  const isInvalid = TransfusionError.isInstance(error) && error.code !== 'disposed';
  return { kind: isInvalid ? 'invalid' : 'internal', message: messageOf(error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
