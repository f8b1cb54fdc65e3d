/** The process of `serving-load.ts`: many clients of one server. */
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

async function send(kind: ServingKind, n: number): Promise<Response> {
  if (kind === 'text') {
    return fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'emoji',
        messages: [{ role: 'user', content: promptOf(n) }],
        min_tokens: NUM_TOKENS,
        max_tokens: NUM_TOKENS,
        seed: n,
        stream: true,
      }),
    });
  }
  const sampling = { num_inference_steps: numInferenceSteps, guidance_scale: 3, seed: n };
  if (kind === 'image') {
    return fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'emoji', prompt: promptOf(n), ...sampling }),
    });
  }
  const form = new FormData();
  form.set('model', 'emoji');
  form.set('image', new Blob([image as Uint8Array<ArrayBuffer>], { type: 'image/png' }), 'image.png');
  form.set('prompt', `draw this in the ${STYLES[n % STYLES.length]} style`);
  for (const [name, value] of Object.entries(sampling)) form.set(name, String(value));
  return fetch(`${url}/v1/images/edits`, { method: 'POST', body: form });
}

/** Reads an answer, and checks that it is whole. @returns milliseconds until the first token, of a text */
async function read(kind: ServingKind, response: Response, started: number): Promise<number | undefined> {
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  if (kind !== 'text') {
    const { data } = (await response.json()) as { data: { b64_json: string }[] };
    if (data.length !== 1 || data[0].b64_json.length < 100) throw new Error('no image');
    return undefined;
  }
  let text = '';
  let firstToken: number | undefined;
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    if (firstToken === undefined && text.includes('"content":"')) firstToken = performance.now() - started;
  }
  if (!text.includes('data: [DONE]')) throw new Error(`a text that is cut off: ${text.slice(-200)}`);
  return firstToken;
}

async function client(kindOf: () => ServingKind): Promise<void> {
  while (performance.now() - began < 1000 * seconds) {
    const kind = kindOf();
    const n = count++;
    const started = performance.now();
    try {
      const firstToken = await read(kind, await send(kind, n), started);
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
