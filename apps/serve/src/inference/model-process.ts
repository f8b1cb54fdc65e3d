/**
 * The process of one model: loads it, and runs the requests that the server sends. A process of its own, because
 * computing blocks the event loop, and because a worker thread that is terminated while it computes takes the whole
 * process with it.
 */
import { createEngine, type GenerationEngine } from '@transfusion/core';
import { selectEngine, type EngineName } from '@transfusion/engine';
import { loadModel } from '@transfusion/runs';
import { configureOnnxRuntime } from '@transfusion/tfjs-backend-onnxruntime';
import { modalityFactories } from '../composition/modality-factories.js';
import { denoisingInfo } from './denoising-info.js';
import { failureOf } from './inference-failure.js';
import type { InferenceEvent, InferenceRequest } from './model-host.js';
import { imageSizes } from './image/image-sizes.js';
import { kindsOf } from './model-media.js';
import { prepareRequest, type RequestContext } from './prepare-request.js';
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
  // The server, and often a client, have the same processors.
  configureOnnxRuntime({ allowSpinning: false });
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
      denoising: denoisingInfo(model.modalities),
    },
  });
} catch (error) {
  send({ type: 'failed', message: messageOf(error) });
  setImmediate(() => process.disconnect());
}

/** Runs the requests that come. */
function answer(context: RequestContext): void {
  const running = new Map<number, AbortController>();
  const runAll = async (ids: readonly number[], request: InferenceRequest): Promise<void> => {
    const signals = ids.map((id) => {
      const controller = new AbortController();
      running.set(id, controller);
      return controller.signal;
    });
    try {
      const prepared = await prepareRequest(context, request, signals);
      const { seeds } = request;
      await Promise.all(
        ids.map((id, i) => run(id, request, runInference(context, prepared, seeds[i], signals[i]))),
      );
    } catch (error) {
      const failure = failureOf(error, request);
      for (const id of ids) send({ type: 'error', id, failure });
    } finally {
      for (const id of ids) running.delete(id);
    }
  };
  process.on('message', (message: ToModel) => {
    if (message.type === 'submit') void runAll(message.ids, message.request);
    else running.get(message.id)?.abort();
  });
}

/** Sends the events of an output, and how it ends; does not reject. */
async function run(
  id: number,
  request: InferenceRequest,
  events: AsyncIterable<InferenceEvent>,
): Promise<void> {
  let hasStarted = false;
  try {
    for await (const event of events) {
      hasStarted ||= event.type === 'start';
      send({ type: 'event', id, event });
    }
    send({ type: 'done', id });
  } catch (error) {
    send({ type: 'error', id, failure: failureOf(error, request, hasStarted) });
  }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
