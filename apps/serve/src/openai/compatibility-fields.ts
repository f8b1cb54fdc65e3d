/** Fields of OpenAI's chat and responses for what a server of one's own does not have: accounts, stores, caches, tools. */
import { z } from 'zod';
import { bounded } from './bounded.js';
import { onlyNull, withoutEffect } from './generation-fields.js';

/** A client's own facts about a request, within OpenAI's limits. */
export const metadata = bounded(16, z.record(z.string().max(64), z.string().max(512)));

/** Fields that both endpoints have. */
export const compatibilityFields = {
  user: withoutEffect(z.string()),
  safety_identifier: withoutEffect(z.string()),
  store: withoutEffect(z.boolean()),
  service_tier: withoutEffect(z.enum(['auto', 'default', 'flex', 'scale', 'priority'])),
  parallel_tool_calls: withoutEffect(z.boolean()),
  prompt_cache_key: withoutEffect(z.string()),
  prompt_cache_retention: withoutEffect(z.enum(['in_memory', '24h'])),
  top_logprobs: withoutEffect(z.literal(0, 'expected 0: responses have no probabilities')),
  moderation: onlyNull('the server moderates nothing'),
};

/** Length of texts, which OpenAI's models alone can choose. */
export const verbosityField = withoutEffect(z.enum(['low', 'medium', 'high']));

/** Effort of reasoning. */
export const reasoningEffortField = withoutEffect(
  z.literal('none', "expected 'none': the server's models do not reason"),
);

/** Padding of streams, which this server does not add. */
export const obfuscationField = withoutEffect(z.boolean());
