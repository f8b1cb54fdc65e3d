/** Generation with an exported folder, as browsers do it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExportPrecision } from '@transfusion/export';
import type { RgbImage } from '@transfusion/modality-image';

/** The part of a request of `@transfusion/web` that the experiment needs. */
export interface WebExperimentRequest {
  readonly prompt: readonly { readonly modality: string; readonly value: string | RgbImage }[];
  readonly output: 'text' | 'image';
  readonly seed: number;
  readonly numInferenceSteps?: number;
  readonly guidanceScale?: number;
  readonly minTokens?: number;
  readonly maxTokens?: number;
  readonly temperature?: number;
}

/** A text, or an image [height, width, 3]. */
export interface WebExperimentOutput {
  readonly text: string;
  readonly value?: { readonly shape: readonly number[]; readonly data: Uint8Array };
}

/** Generates all outputs, in a process of their own. @throws Error if it fails */
export async function generateWithWeb(
  folder: string,
  precision: ExportPrecision,
  requests: readonly WebExperimentRequest[],
): Promise<readonly WebExperimentOutput[]> {
  const child = fork(fileURLToPath(new URL('web-process.mjs', import.meta.url)), {
    serialization: 'advanced',
    execArgv: ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx')],
  });
  let outputs: readonly WebExperimentOutput[] | undefined;
  child.once('message', (sent: readonly WebExperimentOutput[]) => (outputs = sent));
  child.send({ folder, precision, requests });
  await once(child, 'exit');
  if (outputs === undefined) throw new Error(`the process that generates with ${folder} failed`);
  return outputs;
}
