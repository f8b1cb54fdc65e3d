import type { ChildProcess } from 'node:child_process';
import { forkProgram } from './fork-program.js';
import {
  InferenceError,
  type EngineState,
  type InferenceEvent,
  type InferenceRequest,
  type ModelHost,
  type ModelInfo,
} from './model-host.js';
import type {
  FromModel,
  InferenceFailure,
  MessagesFromModel,
  ModelProcessOptions,
  ToModel,
} from './protocol.js';

/** Options of {@link childModelHost}. */
export interface ChildModelHostOptions extends ModelProcessOptions {
  readonly name: string;
  /** Called with what happens to the process, for the log. */
  readonly onChange?: (change: ModelChange) => void;
}

/** Something that happened to a model's process. */
export type ModelChange =
  | { readonly type: 'ready'; readonly pid: number; readonly milliseconds: number }
  /** It ended by itself, and is started again. */
  | { readonly type: 'ended'; readonly reason: string; readonly restartMilliseconds: number };

/** A model in a process of its own. */
export interface ChildModelHost extends ModelHost {
  /** Resolves when the model is loaded; rejects if it cannot be loaded at first. */
  readonly loaded: Promise<void>;
  /** Process id; undefined while there is none. */
  readonly pid: number | undefined;
}

/** Milliseconds before a process that ended is started again: doubled each time that it does not become ready. */
const [MIN_RESTART_MS, MAX_RESTART_MS] = [100, 30_000];

/**
 * Number of previews of an output that wait to be read; later ones are dropped until there is room. Nothing else that an
 * output may have in any number is large.
 */
const MAX_WAITING_PREVIEWS = 8;

/** Counts the previews among the events of an output. */
const previewsOnly: QueuingStrategy<InferenceEvent> = {
  highWaterMark: MAX_WAITING_PREVIEWS,
  size: ({ type }) => (type === 'preview' ? 1 : 0),
};

/** Milliseconds that a process has to end before it is killed. */
const END_MS = 2000;

/** Starts the process of a model, and again whenever it ends by itself. */
export function childModelHost({ name, onChange, ...options }: ChildModelHostOptions): ChildModelHost {
  let child: ChildProcess | undefined;
  let info: ModelInfo | undefined;
  let state: EngineState | undefined;
  let restartMilliseconds = MIN_RESTART_MS;
  let restart: NodeJS.Timeout | undefined;
  let isClosing = false;
  let nextId = 0;
  const streams = new Map<number, ReadableStreamDefaultController<InferenceEvent>>();
  let settleLoaded: { readonly resolve: () => void; readonly reject: (error: Error) => void };
  const loaded = new Promise<void>((resolve, reject) => (settleLoaded = { resolve, reject }));
  loaded.catch(() => undefined);

  const start = (): void => {
    const started = performance.now();
    let failure: string | undefined;
    let process: ChildProcess;
    try {
      process = child = forkProgram('model-process', options satisfies ModelProcessOptions);
    } catch (error) {
      return ended(`its process could not be started: ${String(error)}`);
    }
    const onMessage = (message: FromModel): void => {
      if (message.type === 'ready') {
        info = message.info;
        restartMilliseconds = MIN_RESTART_MS;
        onChange?.({ type: 'ready', pid: process.pid!, milliseconds: performance.now() - started });
        settleLoaded.resolve();
      } else if (message.type === 'failed') failure = message.message;
      else if (message.type === 'state') state = message.state;
      else receive(message);
    };
    process.on('message', (messages: MessagesFromModel) => {
      // What comes after the end is of no process any more.
      if (child === process) messages.forEach(onMessage);
    });
    process.on('error', (error) => {
      // Without an id it has never run, and has no `exit`. Otherwise a message could not be sent: the process is ending.
      if (process.pid === undefined) ended(`its process could not be started: ${error.message}`);
    });
    process.once('exit', (code, signal) =>
      ended(failure ?? `its process ended with ${signal ?? `code ${code}`}`),
    );
  };

  const ended = (reason: string): void => {
    child = info = state = undefined;
    const error = new InferenceError('unavailable', `The model '${name}' is being started again.`);
    for (const stream of streams.values()) stream.error(error);
    streams.clear();
    settleLoaded.reject(new Error(`${name}: ${reason}`));
    if (isClosing) return;
    onChange?.({ type: 'ended', reason, restartMilliseconds });
    restart = setTimeout(start, restartMilliseconds);
    restartMilliseconds = Math.min(2 * restartMilliseconds, MAX_RESTART_MS);
  };

  const receive = (message: Extract<FromModel, { readonly id: number }>): void => {
    const stream = streams.get(message.id);
    if (stream === undefined) return;
    if (message.type === 'event') {
      const { event } = message;
      if (event.type !== 'preview' || stream.desiredSize! > 0) stream.enqueue(event);
      return;
    }
    streams.delete(message.id);
    if (message.type === 'done') stream.close();
    else stream.error(inferenceError(message.failure));
  };

  const send = (message: ToModel): void => {
    if (child?.connected) child.send(message);
  };

  const submit = (
    request: InferenceRequest,
    signals: readonly AbortSignal[],
  ): AsyncIterableIterator<InferenceEvent>[] => {
    if (info === undefined) {
      throw new InferenceError('unavailable', `The model '${name}' is being loaded.`);
    }
    for (const signal of signals) signal.throwIfAborted();
    const ids = signals.map(() => nextId++);
    const outputs = ids.map((id, index) => openOutput(id, signals[index]));
    send({ type: 'submit', ids, request });
    return outputs;
  };

  const openOutput = (id: number, signal: AbortSignal): AsyncIterableIterator<InferenceEvent> => {
    const leave = (): void => {
      if (streams.delete(id)) send({ type: 'abort', id });
    };
    const stream = new ReadableStream<InferenceEvent>(
      {
        start: (controller) => {
          streams.set(id, controller);
          signal.addEventListener(
            'abort',
            () => {
              if (!streams.has(id)) return;
              leave();
              controller.error(signal.reason);
            },
            { once: true },
          );
        },
        cancel: leave,
      },
      previewsOnly,
    );
    return stream.values();
  };

  start();
  return {
    name,
    loaded,
    get info() {
      return info;
    },
    get state() {
      return state;
    },
    get pid() {
      return child?.pid;
    },
    submit,
    close: async () => {
      isClosing = true;
      clearTimeout(restart);
      const process = child;
      // Without an id it could not be started.
      if (process?.pid === undefined) return;
      const exited = new Promise((resolve) => process.once('exit', resolve));
      // While it loads, it computes without a look at its messages, and has nothing to end well.
      const kill = setTimeout(() => process.kill('SIGKILL'), info === undefined ? 0 : END_MS);
      if (process.connected) process.disconnect();
      await exited;
      clearTimeout(kill);
    },
  };
}

/** Returns the error of a model's process, with the stack that it had there. */
function inferenceError({ kind, message, param, stack }: InferenceFailure): InferenceError {
  return Object.assign(new InferenceError(kind, message, param), { stack });
}
