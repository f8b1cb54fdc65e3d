import type { EncodedDocument, EncodedSegment } from '@transfusion/modality';
import type { GenerationEvent } from './request.js';

/** Returns the segments that the events of each request make up. */
export async function collectDocuments(
  numRequests: number,
  events: AsyncIterable<GenerationEvent>,
  onEvent?: (event: GenerationEvent) => void,
): Promise<EncodedDocument[]> {
  const documents = Array.from({ length: numRequests }, (): EncodedSegment[] => []);
  const runs: ({ modality: string; ids: number[] } | undefined)[] = documents.map(() => undefined);
  const flush = (request: number): void => {
    const run = runs[request];
    if (run !== undefined) documents[request].push({ ...run, ids: Int32Array.from(run.ids) });
    runs[request] = undefined;
  };
  for await (const event of events) {
    onEvent?.(event);
    const { request } = event;
    if (event.type === 'token') {
      if (runs[request]?.modality !== event.modality) flush(request);
      (runs[request] ??= { modality: event.modality, ids: [] }).ids.push(event.id);
    } else if (event.type === 'span-end') {
      flush(request);
      const latent = { shape: event.latentShape, data: event.latent };
      documents[request].push({ modality: event.modality, latent });
    } else if (event.type === 'end') flush(request);
  }
  return documents;
}
