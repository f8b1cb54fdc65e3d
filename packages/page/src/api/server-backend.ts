/** The server that the page comes from. */
import { BackendError, type Backend, type GenerationEvent, type ModelInfo } from './backend.js';
import { chunksOf, readEvents } from './event-reader.js';
import { responseBody } from './response-body.js';
import { generationEvent } from './response-events.js';

interface ServerModel {
  readonly id: string;
  readonly modalities?: readonly string[];
  readonly image_sizes?: readonly string[];
  readonly denoising?: {
    readonly schedulers: readonly string[];
    readonly scheduler: string;
    readonly num_inference_steps: number;
    readonly guidance_scale: number;
    readonly noise_schedule: readonly (readonly [number, number])[];
  };
  readonly export_path?: string;
}

/**
 * Creates a backend for a server.
 *
 * @param baseUrl of its API, such as `http://127.0.0.1:8000/v1`; models that browsers may run need it in full
 * @param apiKey returns the key to send, if there is one
 */
export function serverBackend(baseUrl: string, apiKey: () => string | undefined): Backend {
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const key = apiKey();
    const headers = {
      ...(init.body != null && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    };
    const response = await fetch(`${baseUrl}${path}`, { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted) throw init.signal.reason;
      throw new BackendError('unreachable', `The server does not answer (${messageOf(error)}).`);
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  };
  return {
    async models(signal) {
      const response = await send('/models', { signal });
      const { data } = (await response.json()) as { readonly data: readonly ServerModel[] };
      return data.map((model) => modelInfo(model, baseUrl));
    },
    async *generate(request, signal) {
      const body = JSON.stringify({ ...responseBody(request), stream: true });
      const { body: stream } = await send('/responses', { method: 'POST', body, signal });
      yield* untilEnd(stream!, signal);
    },
  };
}

/** Yields the events of a reply. It is read to its last byte: leaving it before would abort a request that is complete. */
async function* untilEnd(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void> {
  let hasEnded = false;
  try {
    for await (const data of readEvents(chunksOf(stream))) {
      const event = generationEvent(data);
      if (event === undefined) continue;
      hasEnded ||= event.type === 'end';
      yield event;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof BackendError) throw error;
    throw new BackendError(
      'unreachable',
      `The connection broke in the middle of the reply (${messageOf(error)}).`,
    );
  }
  if (!hasEnded) throw new BackendError('unreachable', 'The connection ended in the middle of the reply.');
}

function modelInfo(model: ServerModel, baseUrl: string): ModelInfo {
  const { id, modalities, image_sizes: imageSizes, denoising, export_path: path } = model;
  return {
    name: id,
    // Below the server's address, as the API is.
    exportUrl: path === undefined ? undefined : new URL(path, baseUrl).href,
    modalities,
    imageSizes,
    denoising: denoising && {
      schedulers: denoising.schedulers,
      scheduler: denoising.scheduler,
      numInferenceSteps: denoising.num_inference_steps,
      guidanceScale: denoising.guidance_scale,
      noiseSchedule: denoising.noise_schedule,
    },
  };
}

async function errorOf(response: Response): Promise<BackendError> {
  const text = await response.text().catch(() => '');
  let error: { readonly message?: string; readonly param?: string | null } | undefined;
  try {
    error = (JSON.parse(text) as { readonly error?: typeof error }).error;
  } catch {
    // An answer of a proxy, such as a page of its own.
  }
  const message = error?.message ?? `The server answered ${response.status} ${response.statusText}.`;
  return new BackendError(kindOf(response.status), message, error?.param ?? undefined);
}

function kindOf(status: number): BackendError['kind'] {
  if (status === 401) return 'key';
  if (status === 429 || status === 503) return 'busy';
  if (status === 502) return 'unreachable';
  return status < 500 ? 'request' : 'failed';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
