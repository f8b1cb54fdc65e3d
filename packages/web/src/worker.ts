/** The module of the worker that `createWorkerModel` starts. */
import { serveMessages, type WorkerPort } from './serve-messages.js';

serveMessages(globalThis as unknown as WorkerPort);
