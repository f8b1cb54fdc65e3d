/**
 * Generation of documents without TensorFlow.js: the sequence as it grows, what may come next, guidance. With the same
 * logits and diffusion outputs, another runtime gives what `createEngine` gives for a request.
 */
export {
  endReason,
  nextToken,
  resolveFirstSpan,
  type RequestEvent,
  type ResolvedSpan,
} from './generate/decisions.js';
export type { DocumentModel } from './generate/document-model.js';
export {
  closeSpan,
  openSpan,
  spanContext,
  startSequence,
  type Context,
  type ContextKind,
  type GrowingSequence,
} from './generate/growing-sequence.js';
export { guidanceTerms, guidedOutput, type GuidanceTerm } from './generate/guidance.js';
export type { OpenSpan } from './generate/open-span.js';
export type { FirstSpan, GenerationRequest, KnownLatent, SpanSamplingOptions } from './generate/request.js';
export type { LogitBias, TokenSamplingOptions } from './generate/sample-token.js';
export { endsWithStop, findStop } from './generate/stop-strings.js';
export type { FilledSpan, Span } from './sequence/layout.js';
