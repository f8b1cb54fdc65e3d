/** Shows on a terminal how far a generation is: one live line. Nothing is shown elsewhere. */
import type { GenerationEvent } from '@transfusion/core';
import { CLEAR_LINE, progressBar } from '../../progress-line.js';

/** A display of a generation's progress. */
export interface GenerationProgress {
  add(event: GenerationEvent): void;
  /** Clears the line, so that output can follow. */
  clear(): void;
}

/** Creates a progress display for `total` outputs. */
export function createGenerationProgress(
  total: number,
  output: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>,
): GenerationProgress {
  if (!output.isTTY) return { add: () => undefined, clear: () => undefined };
  let numTokens = 0;
  let numEnded = 0;
  let isShown = false;
  const show = (text: string): void => {
    const line = `${progressBar(numEnded / total)} ${numEnded}/${total}  ${text}`;
    // A line that wraps cannot be cleared.
    output.write(`${CLEAR_LINE}${line.slice(0, (output.columns ?? 80) - 1)}`);
    isShown = true;
  };
  return {
    add: (event) => {
      if (event.type === 'end') numEnded++;
      if (event.type === 'token') show(`${++numTokens} tokens`);
      else if (event.type === 'denoise-step') {
        show(`${event.modality}: denoising step ${event.step}/${event.numSteps}`);
      }
    },
    clear: () => {
      if (isShown) output.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
