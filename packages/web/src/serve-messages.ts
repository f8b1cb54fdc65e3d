import { TransfusionError } from '@transfusion/errors';
import type { ArrayValue } from './graph-codec.js';
import { holdLock } from './life-lock.js';
import { loadModel, type LoadProgress } from './load-model.js';
import type { FromWorker, SentError, SentModel, ToWorker } from './messages.js';
import type { WebModel } from './web-model.js';

/** The worker's side of its messages. */
export interface WorkerPort {
  postMessage(message: FromWorker): void;
  addEventListener(type: 'message', listener: (event: { readonly data: ToWorker }) => void): void;
}

/** Answers the messages of a page: loads one model, and generates with it. */
export function serveMessages(port: WorkerPort, load: typeof loadModel = loadModel): void {
  const running = new Map<number, AbortController>();
  const previews = new Map<number, Map<number, () => Promise<ArrayValue>>>();
  let model: WebModel | undefined;

  const answer = async (
    message: Exclude<ToWorker, { type: 'abort' }>,
  ): Promise<SentModel | ArrayValue | undefined> => {
    const { id } = message;
    if (message.type === 'hold') return holdLock(message.lock).then(() => undefined);
    if (message.type === 'preview') return previews.get(message.of)?.get(message.step)?.();
    const controller = new AbortController();
    running.set(id, controller);
    const { signal } = controller;
    try {
      if (message.type === 'load') {
        const onProgress = (progress: LoadProgress): void =>
          port.postMessage({ type: 'progress', id, progress });
        model = await load(message.url, { ...message.options, signal, onProgress });
        const { config, generation, samplers, device, precision, warnings } = model;
        return { config, generation, samplers, device, precision, warnings };
      }
      // The page may ask for the last steps when the output is finished.
      for (const other of previews.keys()) if (!running.has(other)) previews.delete(other);
      const own = new Map<number, () => Promise<ArrayValue>>();
      previews.set(id, own);
      for await (const event of model!.generate(message.request, { signal })) {
        if (event.type === 'denoise-step') {
          const { preview, ...sent } = event;
          own.set(event.step, preview);
          port.postMessage({ type: 'event', id, event: sent });
        } else port.postMessage({ type: 'event', id, event });
      }
      return undefined;
    } finally {
      running.delete(id);
    }
  };

  port.addEventListener('message', ({ data: message }) => {
    if (message.type === 'abort') {
      running.get(message.id)?.abort();
      return;
    }
    const { id } = message;
    answer(message).then(
      (result) => port.postMessage({ type: 'result', id, result }),
      (error: unknown) => port.postMessage({ type: 'error', id, error: sentError(error) }),
    );
  });
}

function sentError(error: unknown): SentError {
  if (TransfusionError.isInstance(error))
    return { code: error.code, name: error.name, message: error.message };
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  return { name, message };
}
