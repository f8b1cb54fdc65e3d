import { generateDocuments } from '@transfusion/core';
import { decodeDocument, type EncodedDocument } from '@transfusion/modality';
import { generationRequest, type EncodedRequest } from './generation-request.js';
import type { TrainedModel } from './trained-model.js';

/** Each request is a row of the model's batch, two or three with guidance: memory bounds how many go together. */
const ROWS_AT_A_TIME = 16;

/**
 * Generates requests in batches, in their order; further ones are taken only when a batch is done. Yields the
 * segments of a document, and the value of any other output.
 */
export async function* generateEncoded(
  trained: TrainedModel,
  requests: Iterable<EncodedRequest> | AsyncIterable<EncodedRequest>,
): AsyncGenerator<unknown, void> {
  let waiting: EncodedRequest[] = [];
  for await (const request of requests) {
    waiting.push(request);
    if (waiting.length < ROWS_AT_A_TIME) continue;
    yield* await generateBatch(trained, waiting);
    waiting = [];
  }
  if (waiting.length > 0) yield* await generateBatch(trained, waiting);
}

async function generateBatch(
  { model, params }: TrainedModel,
  requests: readonly EncodedRequest[],
): Promise<unknown[]> {
  const { modalities } = model;
  const coreRequests = requests.map((request) => generationRequest(modalities, request));
  const documents = await generateDocuments(model, params, coreRequests);
  return Promise.all(
    documents.map(async (document, i) => {
      const { output } = requests[i];
      if (output === 'document') return decodeDocument(modalities, document);
      const [{ value }] = await decodeDocument(modalities, orEmpty(document, output));
      return value;
    }),
  );
}

/** Writing no token at all is a value, too: an empty text. */
function orEmpty(document: EncodedDocument, modality: string): EncodedDocument {
  return document.length > 0 ? document : [{ modality, ids: new Int32Array() }];
}
