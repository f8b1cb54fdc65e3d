import type { GenerateRequest, TokenUsage, TrainedModel } from '@transfusion/pipelines';
import { loadPipelines } from './load-pipelines.js';

/** A generated value, and what it took. */
export interface GeneratedValue {
  readonly value: unknown;
  readonly usage: TokenUsage;
}

/** Generates one value that is no text. @throws TransfusionError as `generateStream`, or the signal's reason */
export async function generateValue(
  trained: TrainedModel,
  request: GenerateRequest,
  signal: AbortSignal | undefined,
): Promise<GeneratedValue> {
  const { generateStream } = await loadPipelines();
  let value: unknown;
  for await (const event of generateStream(trained, request, { signal })) {
    if (event.type === 'value') ({ value } = event);
    if (event.type === 'end') return { value, usage: event.usage };
  }
  throw new Error(`transfusionInProcess: generation of '${request.output}' ended without an end event.`);
}
