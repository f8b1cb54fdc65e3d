/** Generates an image over HTTP, then captions it: `npm run client -- "a blue square on black"`. */
import { writeFile } from 'node:fs/promises';

const server = process.env['SERVER'] ?? 'http://127.0.0.1:8000/v1';
const prompt = process.argv[2] ?? 'a red circle on white';

interface Models {
  readonly data: readonly { readonly id: string }[];
}
interface Images {
  readonly data: readonly { readonly b64_json: string }[];
}
interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

const models = await call<Models>('/models');
const model = models.data[0].id;

const { data } = await call<Images>('/images/generations', { model, prompt, seed: 1 });
await writeFile('generated.png', Buffer.from(data[0].b64_json, 'base64'));
console.log(`generated.png: ${prompt}`);

const url = `data:image/png;base64,${data[0].b64_json}`;
const { choices } = await call<Completion>('/chat/completions', {
  model,
  temperature: 0,
  messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
});
console.log(`its caption: ${choices[0].message.content}`);

/** Calls the server, with POST if there is a body. */
async function call<Reply>(path: string, body?: object): Promise<Reply> {
  const response = await fetch(`${server}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new Error(`${server} does not answer. Start the server in another terminal: npm run serve`, {
      cause,
    });
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Reply;
}
