/** Responses of OpenAI's image wire. */
import { seedOfImage } from '../seeds.js';
import { readJson, type PostResponse } from './post.js';

interface ImagesBody {
  readonly created?: number;
  readonly data?: readonly ({ readonly b64_json?: string } | null)[] | null;
  readonly usage?: { readonly input_tokens?: number; readonly output_tokens?: number } | null;
}

/** The images of one response. */
export interface ImagesResponse {
  /** As base64. */
  readonly images: string[];
  /** Seed of each image; empty if the server does not report it. */
  readonly seeds: readonly number[];
  readonly usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined };
  readonly timestamp: Date;
  readonly headers: Record<string, string>;
}

/** Reads a response. @throws APICallError if it has something else than images */
export async function readImages(answer: PostResponse): Promise<ImagesResponse> {
  const { created, data, usage }: ImagesBody = await readJson(answer);
  const { seed, headers, failure } = answer;
  const images = (data ?? []).map((entry, i) => {
    if (typeof entry?.b64_json === 'string' && entry.b64_json !== '') return entry.b64_json;
    throw failure(
      `transfusion: image ${i} of the response has no b64_json, expected base64. Update the server, or check baseURL.`,
    );
  });
  return {
    images,
    seeds: seed === undefined ? [] : images.map((_, i) => seedOfImage(seed, i)),
    usage: { inputTokens: usage?.input_tokens, outputTokens: usage?.output_tokens },
    timestamp: created === undefined ? new Date() : new Date(created * 1000),
    headers,
  };
}
