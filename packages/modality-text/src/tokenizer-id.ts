import { createHash } from 'node:crypto';
import { mergePair, type TokenizerJson } from './tokenizer-json.js';

/**
 * Returns `bpe 0123456789abcdef`: a hash of everything in a `tokenizer.json` that affects ids and texts. It ignores the
 * order of keys, the notation of merges, and fields that are `null`.
 */
export function tokenizerId({
  added_tokens,
  normalizer,
  pre_tokenizer,
  decoder,
  model,
}: TokenizerJson): string {
  const merges = model.merges.map(mergePair);
  const parts = { added_tokens, normalizer, pre_tokenizer, decoder, model: { ...model, merges } };
  const hash = createHash('sha256').update(JSON.stringify(parts, sortedFields)).digest('hex');
  return `bpe ${hash.slice(0, 16)}`;
}

function sortedFields(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).filter((name) => fields[name] !== null);
  return Object.fromEntries(names.sort().map((name) => [name, fields[name]]));
}
