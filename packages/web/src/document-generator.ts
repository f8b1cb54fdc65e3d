/** Generates documents with the graphs of an exported folder. */
import {
  checkRequest,
  createEventQueue,
  runRequest,
  type DocumentModel,
  type RequestEvent,
} from '@transfusion/core/documents';
import type { DocumentGenerator } from '@transfusion/pipelines/stream';
import { exportedSamplers } from './exported-samplers.js';
import { createGraphRows } from './graph-rows.js';
import type { Graphs } from './graphs.js';
import type { ExportDescription } from './read-config.js';

/** Creates the generator; requests run one graph at a time, in turns. */
export function createDocumentGenerator(
  model: DocumentModel,
  { config, generation }: ExportDescription,
  graphs: Graphs,
): DocumentGenerator {
  const samplerOf = exportedSamplers(generation);
  return {
    model,
    submit: (request, { signal, onStart } = {}) => {
      checkRequest(model, request, samplerOf);
      const controller = new AbortController();
      const events = createEventQueue<RequestEvent>(() => controller.abort());
      const abort = (): void => controller.abort(signal?.reason);
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      onStart?.();
      const rows = createGraphRows(graphs, config, controller.signal);
      runRequest({ model, rows, samplerOf, emit: events.push }, request)
        .then(events.end, events.fail)
        .finally(() => signal?.removeEventListener('abort', abort));
      return events.iterator;
    },
  };
}
