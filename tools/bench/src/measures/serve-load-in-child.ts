/** The process of `serving-load.ts`: many clients of one server. */
import { Agent, request } from 'node:http';
import { encodePng } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import type { ServedRequest, ServingKind, ServingLoad, ServingResult } from './serving-load.js';

const load = JSON.parse(process.argv[2]) as ServingLoad;
const { url, mix, numClients, seconds, numInferenceSteps, beside } = load;
const rng = createRng(1);
const image = await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(200) });
const WORDS = ['apple', 'cat', 'house', 'star', 'car', 'tree', 'fish', 'sun'];
const STYLES = ['noto', 'fluent', 'twemoji', 'fluent-3d'];
const NUM_TOKENS = 24;
/** Text: the chunk before has the role, and a content that is empty. */
const FIRST_TOKEN = /"content":"[^"]/;
const BOUNDARY = 'a-boundary-of-parts';
const agent = new Agent({ keepAlive: true });

const began = performance.now();
const served: ServedRequest[] = [];
const failures: string[] = [];
let numFailures = 0;
let count = 0;

/** Returns the kind of the next request: each share of them, in an order that is the same in every run. */
function nextKind(): ServingKind {
  const total = Object.values(mix).reduce((a, b) => a + b, 0);
  let at = rng.fork(count).uniform() * total;
  for (const [kind, share] of Object.entries(mix)) if ((at -= share) < 0) return kind as ServingKind;
  return Object.keys(mix)[0] as ServingKind;
}

function promptOf(n: number): string {
  return `${WORDS[n % WORDS.length]}, ${STYLES[(n >> 3) % STYLES.length]}`;
}

/** The parts of a request: path, content type, body. */
function requestOf(kind: ServingKind, n: number): readonly [path: string, type: string, body: Buffer] {
  if (kind === 'text') {
    const body = {
      model: 'emoji',
      messages: [{ role: 'user', content: promptOf(n) }],
      min_tokens: NUM_TOKENS,
      max_tokens: NUM_TOKENS,
      seed: n,
      stream: true,
    };
    return ['/v1/chat/completions', 'application/json', Buffer.from(JSON.stringify(body))];
  }
  const sampling = { num_inference_steps: numInferenceSteps, guidance_scale: 3, seed: n };
  if (kind === 'image') {
    const body = { model: 'emoji', prompt: promptOf(n), ...sampling };
    return ['/v1/images/generations', 'application/json', Buffer.from(JSON.stringify(body))];
  }
  const fields = {
    model: 'emoji',
    prompt: `draw this in the ${STYLES[n % STYLES.length]} style`,
    ...sampling,
  };
  const part = (disposition: string): string =>
    `--${BOUNDARY}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const body = Buffer.concat([
    Buffer.from(
      Object.entries(fields)
        .map(([name, value]) => `${part(`name="${name}"`)}\r\n${value}\r\n`)
        .join(''),
    ),
    Buffer.from(`${part('name="image"; filename="image.png"')}content-type: image/png\r\n\r\n`),
    image,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
  return ['/v1/images/edits', `multipart/form-data; boundary=${BOUNDARY}`, body];
}

/**
 * Sends a request and waits for its whole answer. Not through `fetch`, whose streams take several times the processor
 * time of Node's own client: it would be missing in what is measured.
 *
 * @returns milliseconds until the first token, of a text
 */
function send(kind: ServingKind, n: number, started: number): Promise<number | undefined> {
  const [path, type, body] = requestOf(kind, n);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': type, 'content-length': body.length };
    const sent = request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      let firstToken: number | undefined;
      response.on('data', (chunk: Buffer) => {
        if (kind === 'text' && firstToken === undefined && FIRST_TOKEN.test(chunk.toString())) {
          firstToken = performance.now() - started;
        }
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isWhole = kind === 'text' ? text.includes('data: [DONE]') : /"b64_json":"[^"]{100}/.test(text);
        if (response.statusCode === 200 && isWhole) resolve(firstToken);
        else reject(new Error(`${response.statusCode} ${text.slice(-200)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function client(kindOf: () => ServingKind): Promise<void> {
  while (performance.now() - began < 1000 * seconds) {
    const kind = kindOf();
    const n = count++;
    const started = performance.now();
    try {
      const firstToken = await send(kind, n, started);
      served.push({ kind, started: started - began, milliseconds: performance.now() - started, firstToken });
    } catch (error) {
      numFailures++;
      if (failures.length < 5) failures.push(`${kind}: ${String(error)}`);
    }
  }
}

await Promise.all([
  ...Array.from({ length: numClients }, () => client(nextKind)),
  ...Array.from({ length: beside?.numClients ?? 0 }, () => client(() => beside!.kind)),
]);
const result: ServingResult = { served, failures, numFailures, milliseconds: performance.now() - began };
process.send!(result, () => process.disconnect());
