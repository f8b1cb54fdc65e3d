/** A small server that speaks the wire: it answers as a test says, and records what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server got it. */
export interface RecordedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Port of the client's connection: requests of one port share it. */
  readonly clientPort: number | undefined;
  /** Resolves when the client has closed the connection. */
  readonly closed: Promise<void>;
  /** The body, if it is JSON. */
  readonly json: Record<string, unknown>;
  /** The body, if it is a form. */
  readonly form: FormData;
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: RecordedRequest) => void | Promise<void>;

/** A running server. */
export interface WireServer {
  readonly baseURL: string;
  readonly requests: RecordedRequest[];
  /** The answers of the next requests, in order; the last one stays. */
  answers: Answer[];
  close(): Promise<void>;
}

/** Starts a server on a free port. */
export async function startWireServer(): Promise<WireServer> {
  const requests: RecordedRequest[] = [];
  const wire: Pick<WireServer, 'answers'> = { answers: [] };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    const closed = new Promise<void>((resolve) => response.on('close', resolve));
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      void (async () => {
        const body = Buffer.concat(chunks);
        const type = incoming.headers['content-type'] ?? '';
        const isForm = type.startsWith('multipart/');
        const request: RecordedRequest = {
          path: incoming.url!,
          headers: incoming.headers,
          clientPort: incoming.socket.remotePort,
          closed,
          json: isForm ? {} : (JSON.parse(String(body)) as Record<string, unknown>),
          form: isForm
            ? await new Response(body, { headers: { 'content-type': type } }).formData()
            : new FormData(),
        };
        requests.push(request);
        const answer = wire.answers.length > 1 ? wire.answers.shift()! : wire.answers[0];
        await answer(response, request);
      })();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(wire, {
    baseURL: `http://127.0.0.1:${port}/v1`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Answers with an error as OpenAI's wire has it. */
export function failure(status: number, message: string, headers?: Record<string, string>): Answer {
  return json({ error: { message, type: 'server_error', param: null, code: null } }, status, headers);
}

/** Answers with the bytes of an event stream, each chunk in a packet of its own; the seed of the reply is 5. */
export function byteStream(...chunks: (string | Uint8Array)[]): Answer {
  return async (response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'x-request-id': 'req-1',
      'x-transfusion-seed': '5',
    });
    for (const chunk of chunks) {
      response.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    response.end();
  };
}

/** The bytes of events with these values, and of the one that ends a stream. */
export function eventsOf(...values: unknown[]): string {
  return [...values.map((value) => JSON.stringify(value)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');
}

/** A chunk of a chat reply. */
export function chunk(delta: object, finish: string | null = null): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'fruit',
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

/** The part of a chat reply that is an image. */
export function imagePart(bytes: Uint8Array): object {
  const url = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
  return { type: 'image_url', image_url: { url } };
}
