import { generateDocuments } from '@transfusion/core';
import { decodeDocument, type EncodedDocument } from '@transfusion/modality';
import { generationRequest, type EncodedRequest } from './generation-request.js';
import type { TrainedModel } from './trained-model.js';

/** Bounds memory: a request takes one row of the batch, or two or three with guidance. */
const MAX_REQUESTS_PER_BATCH = 16;

/**
 * Generates requests in batches and yields their results in order: the decoded segments for output `document`,
 * otherwise the value. The next requests are pulled only after a batch is finished.
 */
export async function* generateInBatches(
  trained: TrainedModel,
  requests: Iterable<EncodedRequest> | AsyncIterable<EncodedRequest>,
): AsyncGenerator<unknown, void> {
  let batch: EncodedRequest[] = [];
  for await (const request of requests) {
    batch.push(request);
    if (batch.length < MAX_REQUESTS_PER_BATCH) continue;
    yield* await generateBatch(trained, batch);
    batch = [];
  }
  if (batch.length > 0) yield* await generateBatch(trained, batch);
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
      // Any other output is a document of exactly one segment.
      const [{ value }] = await decodeDocument(modalities, withEmptySegment(document, output));
      return value;
    }),
  );
}

/**
 * Adds a segment without ids to an empty document: a model that generates no token has generated an empty value, such
 * as an empty text. Only a discrete output can be empty.
 */
function withEmptySegment(document: EncodedDocument, modality: string): EncodedDocument {
  return document.length > 0 ? document : [{ modality, ids: new Int32Array() }];
}
