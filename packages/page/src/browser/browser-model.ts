/** A model of the server that runs in the browser, in a worker; loaded with the code for it only when it is wanted. */
import type { LoadProgress, WebModel } from '@transfusion/web';
import { BackendError, type Backend } from '../api/backend.js';
import { fileOfValue, pixelsOfImage } from './value-files.js';
import { generationEvents } from './web-events.js';
import { webRequest } from './web-request.js';

/** A loaded model. */
export interface BrowserModel extends Pick<Backend, 'generate'> {
  readonly device: WebModel['device'];
  /** Names of the samplers that it has, its own first. */
  readonly schedulers: readonly string[];
  /** Numbers of steps that its samplers have. */
  readonly stepCounts: readonly number[];
  /** Messages for the user, such as that there was no room to keep the model. */
  readonly warnings: readonly string[];
  dispose(): void;
}

/** Options of {@link loadBrowserModel}. */
export interface BrowserModelOptions {
  /** Name of the model. */
  readonly name: string;
  /** URL of its export. */
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

/**
 * Loads a model.
 *
 * @throws BackendError `failed` with what to do about it; the signal's reason
 */
export async function loadBrowserModel(options: BrowserModelOptions): Promise<BrowserModel> {
  const { name, url, apiKey, signal, onProgress } = options;
  const model = await withBackendErrors('failed', signal, async () => {
    const { createWorkerModel } = await import('@transfusion/web');
    return createWorkerModel(url, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      signal,
      onProgress,
    });
  });
  const { config, samplers, device, warnings } = model;
  const all = Object.values(samplers).flat();
  const mediaTypeOf = (modality: string): string | undefined => {
    const found = config.modalities.find((candidate) => candidate.name === modality);
    return found?.kind === 'continuous' ? found.media_type : undefined;
  };
  return {
    device,
    warnings,
    schedulers: [...new Set(all.map((sampler) => sampler.name))],
    stepCounts: [...new Set(all.flatMap(({ numInferenceSteps }) => numInferenceSteps))].sort((a, b) => a - b),
    async *generate(request, stop) {
      const asked = await webRequest(config, request, pixelsOfImage);
      const events = generationEvents(
        model.generate(asked, { signal: stop }),
        name,
        mediaTypeOf,
        fileOfValue,
      );
      try {
        // One at a time, so that errors of each are translated.
        for (;;) {
          const { done, value } = await withBackendErrors('request', stop, () => events.next());
          if (done) return;
          yield value;
        }
      } finally {
        await events.return();
      }
    },
    dispose: () => void model.dispose(),
  };
}

/** Runs something; its errors, other than the signal's, become the page's. */
async function withBackendErrors<T>(
  kind: BackendError['kind'],
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof BackendError) throw error;
    throw new BackendError(kind, error instanceof Error ? error.message : String(error));
  }
}
