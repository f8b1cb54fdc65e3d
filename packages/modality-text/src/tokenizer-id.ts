import { sha256 } from './sha256.js';
import { mergePair, type TokenizerJson } from './tokenizer-json.js';

/**
 * Returns `bpe 0123456789abcdef` (or `wordpiece`, `unigram`): a hash of all in a `tokenizer.json` that ids and texts depend on. It ignores the
 * order of keys, the notation of merges, and fields that are `null`.
 */
export function tokenizerId({
  added_tokens,
  normalizer,
  pre_tokenizer,
  decoder,
  model,
}: TokenizerJson): string {
  const unified = model.type === 'BPE' ? { ...model, merges: model.merges.map(mergePair) } : model;
  const parts = { added_tokens, normalizer, pre_tokenizer, decoder, model: unified };
  const hash = sha256(new TextEncoder().encode(JSON.stringify(parts, inOrder)));
  return `${model.type.toLowerCase()} ${hash.slice(0, 16)}`;
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).filter((name) => fields[name] !== null);
  return Object.fromEntries(names.sort().map((name) => [name, fields[name]]));
}
