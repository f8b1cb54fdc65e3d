/** Events of the plain loop, for tests that compare them. */
import { generatePlain } from '../generate/plain-generate.js';
import type { GenerationEvent, GenerationRequest } from '../generate/request.js';
import type { Transfusion } from '../model/transfusion.js';
import { noParams } from './scripted-model.js';

/** A request that is generated greedily, in two steps without guidance. */
export const quick: GenerationRequest = {
  prompt: [],
  seed: 1,
  tokenSampling: { temperature: 0 },
  spanSampling: { numInferenceSteps: 2, guidanceScale: 1 },
};

/** Generates requests with the plain loop. */
export async function eventsOf(
  model: Transfusion,
  ...requests: GenerationRequest[]
): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of generatePlain(model, noParams, requests)) events.push(event);
  return events;
}

/** Writes events as words: `token 2`, `span-start strip`. */
export function inWords(events: readonly GenerationEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'token') return `token ${event.id}`;
    if (event.type === 'denoise-step') return `step ${event.step}/${event.numSteps}`;
    if (event.type === 'end') return `end ${event.reason}`;
    return `${event.type} ${event.modality} ${event.latentShape}`;
  });
}
