import { createEventQueue, orAborted } from '@transfusion/core/documents';
import { TransfusionError } from '@transfusion/errors';
import type { ArrayValue } from './graph-codec.js';
import type { LoadModelOptions } from './load-model.js';
import type { FromWorker, SentModel } from './messages.js';
import type { WebEvent, WebModel } from './web-model.js';
import { connectWorker, type WorkerConnection, type WorkerLike } from './worker-connection.js';

/** Options of {@link createWorkerModel}. */
export interface WorkerModelOptions extends LoadModelOptions {
  /** Starts the worker; by default the module `worker.js` beside this one. Bundlers that do not find it need this. */
  readonly createWorker?: () => WorkerLike;
}

/** A model in a worker. */
export interface WorkerModel extends WebModel {
  /** Ends the worker at once, with what it generates; the next request starts it again. */
  terminate(): void;
}

/**
 * Loads an exported model as `loadModel` does, in a worker: the page stays responsive while it generates. If the worker
 * ends, what it generates fails with `disposed`, and the next request starts and loads it again.
 *
 * @throws TransfusionError as `loadModel`
 */
export async function createWorkerModel(
  url: string | URL,
  options: WorkerModelOptions = {},
): Promise<WorkerModel> {
  const { createWorker = startWorker, signal, onProgress, ...sent } = options;
  const href = new URL(url, globalThis.location?.href).href;
  let isDisposed = false;
  let current: Promise<{ readonly connection: WorkerConnection; readonly model: SentModel }> | undefined;
  let connection: WorkerConnection | undefined;

  const start = async () => {
    const own = (connection = connectWorker(createWorker()));
    try {
      const model = (await own.ask(
        { type: 'load', url: href, options: sent },
        { signal, onAnswer: (answer) => answer.type === 'progress' && onProgress?.(answer.progress) },
      )) as SentModel;
      return { connection: own, model };
    } catch (error) {
      own.terminate();
      throw error;
    }
  };
  const ready = () => {
    if (isDisposed) throw new TransfusionError('disposed', 'web: the model is disposed. Load it again.');
    if (current === undefined || connection?.isAlive === false) current = start();
    return current;
  };

  const { model } = await ready();
  return {
    ...model,
    async *generate(request, { signal: stop } = {}) {
      stop?.throwIfAborted();
      const { connection: own } = await (stop === undefined ? ready() : orAborted(stop, ready()));
      const leave = new AbortController();
      const events = createEventQueue<WebEvent>(() => leave.abort());
      let id: number;
      const preview = (step: number) => async (): Promise<ArrayValue> => {
        return (await own.ask({ type: 'preview', of: id, step })) as ArrayValue;
      };
      const onAnswer = (answer: FromWorker): void => {
        if (answer.type !== 'event') return;
        const { event } = answer;
        events.push(event.type === 'denoise-step' ? { ...event, preview: preview(event.step) } : event);
      };
      own
        .ask(
          { type: 'generate', request },
          {
            signal: stop === undefined ? leave.signal : AbortSignal.any([stop, leave.signal]),
            onAnswer,
            onId: (given) => (id = given),
          },
        )
        .then(events.end, events.fail);
      yield* events.iterator;
    },
    terminate: () => connection?.terminate(),
    dispose: async () => {
      isDisposed = true;
      connection?.terminate();
    },
  };
}

function startWorker(): WorkerLike {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}
