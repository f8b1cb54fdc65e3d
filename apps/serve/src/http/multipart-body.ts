/** Bodies of forms with files (`multipart/form-data`), kept in memory up to the limit of all bodies. */
import multipart from '@fastify/multipart';
import type { FastifyInstance, preValidationAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { invalidRequest } from '../openai/api-error.js';
import { formBody, type FormEntry } from '../openai/form-body.js';
import { bodyTooLarge } from './error-handler.js';
import type { Limits } from './server-options.js';

/** Maximum number of fields and files of a form. */
const MAX_PARTS = 64;

/** Lets routes read forms. */
export async function acceptForms(app: FastifyInstance, { bodyLimit }: Limits): Promise<void> {
  await app.register(multipart, {
    limits: { fieldSize: bodyLimit, fileSize: bodyLimit, parts: MAX_PARTS, headerPairs: 32 },
  });
}

/** Returns a hook that reads a form as the body that a schema validates. */
export function readFormBody(schema: z.ZodObject, { bodyLimit }: Limits): preValidationAsyncHookHandler {
  return async (request) => {
    if (!request.isMultipart()) {
      throw invalidRequest('Content-Type: expected multipart/form-data. Send a form.', undefined, 415);
    }
    if (Number(request.headers['content-length'] ?? 0) > bodyLimit) throw bodyTooLarge();
    const entries: FormEntry[] = [];
    let size = 0;
    const count = (numBytes: number): void => {
      size += numBytes;
      if (size > bodyLimit) throw bodyTooLarge();
    };
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        const text = String(part.value);
        count(text.length);
        if (part.valueTruncated || part.fieldnameTruncated) throw bodyTooLarge();
        entries.push([part.fieldname, text]);
        continue;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of part.file as AsyncIterable<Buffer>) {
        count(chunk.length);
        chunks.push(chunk);
      }
      if (part.file.truncated) throw bodyTooLarge();
      entries.push([part.fieldname, Buffer.concat(chunks)]);
    }
    request.body = formBody(schema, entries);
  };
}
