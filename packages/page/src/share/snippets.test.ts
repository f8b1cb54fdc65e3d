import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { curlCommand, typescriptProgram } from './snippets.js';

const tools = [{ type: 'image_generation', partial_images: 5, size: '64x64' }];
const body = { input: 'it\'s `a` $HOME \\ "test"\nJSON\n\'', tools, seed: 1 };
const endpoint = { baseUrl: 'http://127.0.0.1:8000/v1', hasKey: true };

it('writes a command whose body no shell changes', () => {
  const command = curlCommand(body, endpoint).replace(/^curl (.*\\\n)+.*--data-binary @-/, 'cat');
  const sent = execFileSync('bash', ['-c', command], { encoding: 'utf8' });
  expect(JSON.parse(sent)).toEqual({ ...body, tools: [{ type: 'image_generation', size: '64x64' }] });
});

it('sends a key if there is one', () => {
  expect(curlCommand(body, endpoint)).toContain('"authorization: Bearer $TRANSFUSION_API_KEY"');
  expect(curlCommand(body, { ...endpoint, hasKey: false })).not.toContain('authorization');
  expect(typescriptProgram(body, endpoint)).toContain('apiKey: process.env.TRANSFUSION_API_KEY');
});
