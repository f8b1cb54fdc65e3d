/** Programs that send the page's request. */

type Body = Readonly<Record<string, unknown>>;

/** Address of an API, and whether it wants a key. */
export interface Endpoint {
  /** Such as `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  readonly hasKey: boolean;
}

/** Returns a command for `curl`. The body goes through stdin, where no shell reads it, and which no limit cuts. */
export function curlCommand(body: Body, { baseUrl, hasKey }: Endpoint): string {
  const lines = [
    `curl ${baseUrl}/responses \\`,
    "  --header 'content-type: application/json' \\",
    ...(hasKey ? ['  --header "authorization: Bearer $TRANSFUSION_API_KEY" \\'] : []),
    "  --data-binary @- <<'JSON'",
  ];
  return `${lines.join('\n')}\n${JSON.stringify(withoutPreviews(body), undefined, 2)}\nJSON\n`;
}

/** Returns a program for the package `openai`. */
export function typescriptProgram(body: Body, { baseUrl, hasKey }: Endpoint): string {
  const apiKey = hasKey ? 'process.env.TRANSFUSION_API_KEY' : "'none'";
  return `import { writeFile } from 'node:fs/promises';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: ${JSON.stringify(baseUrl)}, apiKey: ${apiKey} });

const body = ${JSON.stringify(withoutPreviews(body), undefined, 2)};
// Fields of diffusion models are none of OpenAI's types.
const response = await client.responses.create(body as OpenAI.Responses.ResponseCreateParamsNonStreaming);
for (const [index, item] of response.output.entries()) {
  if (item.type === 'message') console.log(item.content.map((part) => ('text' in part ? part.text : '')).join(''));
  if (item.type === 'image_generation_call' && item.result !== null)
    await writeFile(\`image-\${index}.png\`, item.result, 'base64');
}
`;
}

/** Returns a body without previews, which only streams have. */
function withoutPreviews({ tools, ...body }: Body): Body {
  if (!Array.isArray(tools)) return body;
  return { ...body, tools: tools.map(({ partial_images, ...tool }: Record<string, unknown>) => tool) };
}
