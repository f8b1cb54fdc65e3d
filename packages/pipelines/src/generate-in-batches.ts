import { generateDocuments, type GenerationEvent } from '@transfusion/core';
import { decodeDocuments, type EncodedDocument } from '@transfusion/modality';
import { cutStop } from './cut-stop.js';
import { generationRequest, type EncodedRequest } from './generation-request.js';
import { engineOf, type TrainedModel } from './trained-model.js';

/** Bounds memory: each request takes one batch row, or two or three with classifier-free guidance. */
const MAX_REQUESTS_PER_BATCH = 16;

/**
 * Generates a result from each input, in batches, and yields the results in order: for output `document` its decoded
 * segments, for any other output its single value. The next inputs are pulled only after a batch is finished.
 *
 * @param toRequests makes the requests of a batch; `first` is the position of its first input among all
 * @param onEvent called for each event of generation; its `request` is the position among all inputs
 */
export async function* generateInBatches<Input>(
  trained: TrainedModel,
  inputs: Iterable<Input> | AsyncIterable<Input>,
  toRequests: (inputs: readonly Input[], first: number) => Promise<readonly EncodedRequest[]>,
  onEvent?: (event: GenerationEvent) => void,
): AsyncGenerator<unknown, void> {
  let batch: Input[] = [];
  let done = 0;
  const flush = async (): Promise<unknown[]> => {
    const first = done;
    const values = await generateBatch(trained, await toRequests(batch, first), (event) =>
      onEvent?.({ ...event, request: first + event.request }),
    );
    done += batch.length;
    batch = [];
    return values;
  };
  for await (const input of inputs) {
    batch.push(input);
    if (batch.length < MAX_REQUESTS_PER_BATCH) continue;
    yield* await flush();
  }
  if (batch.length > 0) yield* await flush();
}

async function generateBatch(
  trained: TrainedModel,
  requests: readonly EncodedRequest[],
  onEvent: (event: GenerationEvent) => void,
): Promise<unknown[]> {
  const { modalities } = trained.model;
  const coreRequests = requests.map((request) => generationRequest(modalities, request));
  const stopped = new Set<number>();
  const generated = await generateDocuments(engineOf(trained), coreRequests, (event) => {
    if (event.type === 'end' && event.reason === 'stop') stopped.add(event.request);
    onEvent(event);
  });
  const documents = generated.map((document, i) => {
    const { output } = requests[i];
    return output === 'document' ? document : withEmptySegment(document, output);
  });
  const decoded = await decodeDocuments(modalities, documents);
  for (const i of stopped) {
    decoded[i] = await cutStop(modalities, documents[i], decoded[i], requests[i].stop ?? []);
  }
  // Any other output is a document of exactly one segment.
  return decoded.map((segments, i) => (requests[i].output === 'document' ? segments : segments[0].value));
}

/**
 * Adds a segment without ids to an empty document: a model that generates no token has generated an empty
 * value, such as an empty text. Only a discrete output can be empty.
 */
function withEmptySegment(document: EncodedDocument, modality: string): EncodedDocument {
  return document.length > 0 ? document : [{ modality, ids: new Int32Array() }];
}
