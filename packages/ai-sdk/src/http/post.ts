/** HTTP calls with plain `fetch`; failures are errors by which the AI SDK decides whether to retry. */
import type { APICallError } from '@ai-sdk/provider';
import { apiCallError } from '../ai-sdk-errors.js';

/** A server and how to reach it. */
export interface ServerSettings {
  /** Address of the API, such as `http://localhost:8000/v1`. */
  readonly baseURL: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces the global `fetch`, for proxies and tests. */
  readonly fetch?: typeof globalThis.fetch;
}

/** A request to a server. */
export interface PostRequest {
  /** After the base URL, such as `/chat/completions`. */
  readonly path: string;
  /** Sent as JSON, or as a form. */
  readonly body: object | FormData;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** A successful response, and functions that create errors of this call. */
export interface PostResponse {
  readonly response: Response;
  readonly headers: Record<string, string>;
  /** Seed of the first output, if the server reports it. */
  readonly seed: number | undefined;
  readonly failure: (
    message: string,
    fields?: { isRetryable?: boolean; data?: unknown; cause?: unknown },
  ) => APICallError;
  /** Returns what to throw if reading the body failed: the signal's reason if it is aborted. */
  readonly lost: (cause: unknown) => unknown;
}

/**
 * Posts a request.
 *
 * @throws APICallError for a status that is no success, and if the server cannot be reached; the signal's reason if it is
 *   aborted
 */
export async function post(
  { baseURL, apiKey, headers: shared, fetch = globalThis.fetch }: ServerSettings,
  { path, body, headers: own, signal }: PostRequest,
): Promise<PostResponse> {
  const url = `${baseURL.replace(/\/+$/, '')}${path}`;
  const isForm = body instanceof FormData;
  const call = { url, requestBodyValues: isForm ? formValues(body) : body };
  const headers = defined({
    // `fetch` itself sets the type of a form, with its boundary.
    ...(isForm ? {} : { 'content-type': 'application/json' }),
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    ...shared,
    ...own,
  });
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers,
      body: isForm ? body : JSON.stringify(body),
      signal,
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const message = `transfusion: cannot reach ${url} (${reasonOf(cause)}). Check baseURL, and that the server runs.`;
    throw apiCallError({ ...call, message, cause, isRetryable: true });
  }
  const responseHeaders = Object.fromEntries(response.headers);
  if (!response.ok) {
    const responseBody = await response.text().catch(() => '');
    const data = parseJson(responseBody);
    const message =
      messageIn(data) ?? `${url} answered with status ${response.status} ${response.statusText}`;
    const statusCode = response.status;
    throw apiCallError({ ...call, message, statusCode, responseHeaders, responseBody, data });
  }
  const failure: PostResponse['failure'] = (message, fields) =>
    apiCallError({ ...call, message, statusCode: response.status, responseHeaders, ...fields });
  const lost = (cause: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    const message = `transfusion: lost the connection to ${url} (${reasonOf(cause)}). Try again.`;
    return failure(message, { cause, isRetryable: true });
  };
  const { 'x-transfusion-seed': seedText } = responseHeaders as Partial<typeof responseHeaders>;
  const seed = seedText === undefined ? undefined : Number(seedText);
  return { response, headers: responseHeaders, seed, failure, lost };
}

/** Reads the body of a response as a JSON object. @throws APICallError if it is not, or breaks off */
export async function readJson({ response, failure, lost }: PostResponse): Promise<object> {
  const body = await response.text().catch((cause: unknown) => {
    throw lost(cause);
  });
  const value = parseJson(body);
  if (typeof value === 'object' && value !== null) return value;
  throw failure(
    `transfusion: the server answered '${body.slice(0, 80)}', expected a JSON object. Check that baseURL is that of the API.`,
  );
}

/** Returns the message in `{ error: { message } }`. */
export function messageIn(body: unknown): string | undefined {
  const error = (body as { error?: unknown } | null | undefined)?.error;
  if (typeof error === 'string') return error;
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function defined(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  // Names in lower case, so that one of the caller's replaces one of ours.
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Files are told by their size, for logs. */
function formValues(form: FormData): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  form.forEach((value, name) => {
    values[name] = typeof value === 'string' ? value : `${value.type}, ${value.size} bytes`;
  });
  return values;
}
