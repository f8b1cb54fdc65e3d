/** Keys of clients, as `Authorization: Bearer <key>`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { onRequestHookHandler } from 'fastify';
import { ApiError } from '../openai/api-error.js';

/**
 * Returns a hook that refuses requests without one of the keys. Hashes are compared, all of them in constant time: the
 * time of an answer tells nothing about keys, their lengths or their number of equal letters.
 */
export function requireApiKey(apiKeys: readonly string[]): onRequestHookHandler {
  const hashes = apiKeys.map(hash);
  return (request, _reply, done) => {
    const [, key = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const presented = hash(key);
    const matches = hashes.filter((expected) => timingSafeEqual(expected, presented));
    if (matches.length > 0) return done();
    done(
      new ApiError(
        401,
        `Authorization: found ${key === '' ? 'no key' : 'an unknown key'}, expected 'Bearer <key>'. Send a key of this server.`,
        { type: 'authentication_error', code: 'invalid_api_key' },
      ),
    );
  };
}

function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
