/**
 * Generation of interleaved documents (Transfusion, section 3.3): tokens are sampled one at a time until a begin
 * marker; then a span of pure noise is inserted and denoised in place; its end marker is appended, and token
 * sampling resumes.
 */
import type { EncodedDocument } from '@transfusion/modality';
import { checkIsArray } from './check-condition.js';
import { checkRequest } from './check-request.js';
import { collectDocuments } from './collect-documents.js';
import type { GenerationEngine } from './engine/engine.js';
import { mergeEvents } from './merge-events.js';
import type { GenerationEvent, GenerationRequest } from './request.js';
import { schedulerSampler } from './scheduler-sampler.js';

/**
 * Generates all requests together, and reports progress as it happens; a loop that is left ends them all.
 *
 * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for a request that cannot be
 *   met, before anything is generated
 */
export async function* generate(
  engine: GenerationEngine,
  requests: readonly GenerationRequest[],
): AsyncGenerator<GenerationEvent> {
  checkIsArray('generate', 'requests', requests);
  requests.forEach((request) => checkRequest(engine.model, request, schedulerSampler));
  const sources = requests.map((request) => engine.submit(request));
  for await (const { index, value } of mergeEvents(sources)) yield { request: index, ...value };
}

/**
 * Runs {@link generate} to the end and returns, for each request, the segments that follow its prompt.
 *
 * @param onEvent called for each event of {@link generate}, to report progress
 */
export async function generateDocuments(
  engine: GenerationEngine,
  requests: readonly GenerationRequest[],
  onEvent?: (event: GenerationEvent) => void,
): Promise<EncodedDocument[]> {
  checkIsArray('generateDocuments', 'requests', requests);
  return collectDocuments(requests.length, generate(engine, requests), onEvent);
}
