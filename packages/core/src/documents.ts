/**
 * Generation of documents without TensorFlow.js: `runRequest` decides what comes next, samples tokens and denoises
 * spans. With the same logits and diffusion outputs, another runtime gives what `createEngine` gives for a request.
 */
export { checkRequest } from './generate/check-request.js';
export type { RequestEvent } from './generate/decisions.js';
export type { DocumentModel } from './generate/document-model.js';
export type { DocumentRows, OpenPiece } from './generate/document-rows.js';
export { createEventQueue, type EventQueue } from './generate/event-queue.js';
export { orAborted } from './generate/or-aborted.js';
export type { Context } from './generate/growing-sequence.js';
export { pieceLength, piecesOf, type Piece } from './generate/pieces.js';
export { programSampler } from './generate/program-sampler.js';
export { tokenSamplingFields } from './generate/request-fields.js';
export type { FirstSpan, GenerationRequest, KnownLatent, SpanSamplingOptions } from './generate/request.js';
export { runRequest, type RequestContext } from './generate/run-request.js';
export type { LogitBias, TokenSamplingOptions } from './generate/sample-token.js';
export type { SamplerOf, StepSampler } from './generate/step-sampler.js';
export { findStop, hasTextValues } from './generate/stop-strings.js';
export { groupKey, type SpanGroupKind } from './sequence/span-groups.js';
