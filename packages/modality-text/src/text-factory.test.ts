import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { discreteModalityChecks } from '@transfusion/modality/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import gpt2 from './golden/gpt2.json' with { type: 'json' };
import llama2 from './golden/llama2.json' with { type: 'json' };
import { byteTokenizer } from './byte-tokenizer.js';
import { textFactory } from './text-factory.js';
import { text } from './text.js';
import { loadTokenizer } from './tokenizer-file.js';
import type { TokenizerJson } from './tokenizer-json.js';
import { trainBpe } from './train-bpe.js';

beforeAll(() => tf.setBackend('cpu'));

const values = ['', 'the harbour', 'né 😀\n', '<|end|> <s>', '\u0000'];
const modalities = [
  text(),
  text({
    name: 'trained',
    tokenizer: trainBpe(gpt2.texts, { vocabSize: 300, specialTokens: ['<|end|>'] }),
  }),
  text({ name: 'gpt2', tokenizer: await loadTokenizer(gpt2.tokenizer as unknown as TokenizerJson) }),
  text({ name: 'llama2', tokenizer: await loadTokenizer(llama2.tokenizer as unknown as TokenizerJson) }),
];

describe.each(modalities)('$name', (modality) => {
  const checks = discreteModalityChecks(modality, {
    values: modality.name === 'llama2' ? ['the ferry'] : values,
    factory: textFactory(),
  });
  it.each(checks.map(({ name, run }) => [name, run] as const))('%s', (_, run) => run());
});

it('stores a tokenizer as tokenizer.json', async () => {
  const { config, assets } = modalities[1];
  expect(config).toEqual({ type: 'text', tokenizer: 'tokenizer.json' });
  const { 'tokenizer.json': file } = await assets!();
  expect((await loadTokenizer(JSON.parse(new TextDecoder().decode(file)))).id).toBe(modalities[1].id);
});

it('has no config with a custom tokenizer, except for bytes', () => {
  const foreign = { ...byteTokenizer(), id: 'bytes, reversed' };
  expect(text({ tokenizer: foreign })).not.toHaveProperty('config');
  expect(text({ tokenizer: byteTokenizer() }).config).toEqual({ type: 'text', tokenizer: 'bytes' });
});

it.each<[string, string, RegExp]>([
  ['words', '', /^The modality 'prose' has the tokenizer "words", expected 'bytes' or 'tokenizer.json'/],
  ['tokenizer.json', 'no JSON', /^The tokenizer of 'prose' \(tokenizer.json\): is not JSON/],
  ['tokenizer.json', '{}', /^The tokenizer of 'prose' \(tokenizer.json\): found no "model"/],
])('refuses the tokenizer %s in %j', async (tokenizer, file, message) => {
  const assets = { read: async () => new TextEncoder().encode(file) };
  const made = textFactory().create({ type: 'text', tokenizer }, assets, 'prose');
  const error: unknown = await made.catch((reason: unknown) => reason);
  expect(error).toSatisfy(TransfusionError.isInstance);
  expect(error).toMatchObject({ code: 'invalid-file', message: expect.stringMatching(message) });
});
