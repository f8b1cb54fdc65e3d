/** The page's side of the messages with a worker. */
import { TransfusionError } from '@transfusion/errors';
import { whenReleased } from './life-lock.js';
import type { FromWorker, SentError, ToWorker } from './messages.js';

/** The parts of `Worker` that are used. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  addEventListener(type: 'message', listener: (event: { readonly data: FromWorker }) => void): void;
  addEventListener(
    type: 'error' | 'messageerror',
    listener: (event: { readonly message?: string }) => void,
  ): void;
  terminate(): void;
}

/** A message that is answered. */
export type Asked<Message = ToWorker> = Message extends { readonly id: number; readonly type: 'abort' }
  ? never
  : Omit<Message, 'id'>;

/** A running worker. */
export interface WorkerConnection {
  /** False once it is lost. */
  readonly isAlive: boolean;
  /**
   * Sends a message and waits for its result.
   *
   * @param onAnswer called for progress and events before it
   * @throws the worker's error; TransfusionError `disposed` if the worker is lost; the signal's reason
   */
  ask(
    message: Asked,
    options?: {
      readonly signal?: AbortSignal;
      readonly onAnswer?: (answer: FromWorker) => void;
      readonly onId?: (id: number) => void;
    },
  ): Promise<unknown>;
  /** Ends the worker at once; what waits for it fails. */
  terminate(): void;
}

interface Pending {
  readonly answer: (message: FromWorker) => void;
  readonly fail: (error: unknown) => void;
}

/** Connects to a worker that has just been started. */
export function connectWorker(worker: WorkerLike): WorkerConnection {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let isAlive = true;
  const left = new AbortController();
  const lose = (problem: string): void => {
    if (!isAlive) return;
    isAlive = false;
    left.abort();
    worker.terminate();
    const error = new TransfusionError(
      'disposed',
      `web: the model's worker ended while it was in use (${problem}). The next request starts it again.`,
    );
    for (const { fail } of pending.values()) fail(error);
    pending.clear();
  };
  worker.addEventListener('message', ({ data }) => pending.get(data.id)?.answer(data));
  worker.addEventListener('error', ({ message }) => lose(message ?? 'its script failed'));
  worker.addEventListener('messageerror', () => lose('a message could not be read'));
  const ask: WorkerConnection['ask'] = (message, { signal, onAnswer, onId } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const id = nextId++;
      onId?.(id);
      const abort = (): void => {
        worker.postMessage({ type: 'abort', id });
        settle();
        reject(signal!.reason as Error);
      };
      const settle = (): void => {
        pending.delete(id);
        signal?.removeEventListener('abort', abort);
      };
      signal?.addEventListener('abort', abort, { once: true });
      pending.set(id, {
        answer: (answer) => {
          if (answer.type === 'progress' || answer.type === 'event') return onAnswer?.(answer);
          settle();
          if (answer.type === 'result') resolve(answer.result);
          else reject(receivedError(answer.error));
        },
        fail: (error) => {
          settle();
          reject(error as Error);
        },
      });
      worker.postMessage({ ...message, id } as ToWorker);
    });
  const lock = `transfusion-worker-${Math.random()}`;
  ask({ type: 'hold', lock }).then(
    () => whenReleased(lock, left.signal, () => lose('the browser ended it, perhaps for want of memory')),
    // Lost before it began: whatever else is asked fails for the same reason.
    () => undefined,
  );
  return {
    get isAlive() {
      return isAlive;
    },
    ask,
    terminate: () => lose('it was terminated'),
  };
}

function receivedError({ code, name, message }: SentError): Error {
  if (code !== undefined) return new TransfusionError(code, message);
  const error = new Error(message);
  error.name = name;
  return error;
}
