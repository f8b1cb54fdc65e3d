/** Bodies of forms with files (`multipart/form-data`), kept in memory up to the limit of all bodies. */
import multipart, { type Multipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest, preValidationAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { ApiError, invalidRequest } from '../openai/api-error.js';
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
    request.body = formBody(schema, await readEntries(request, bodyLimit));
  };
}

async function readEntries(request: FastifyRequest, bodyLimit: number): Promise<FormEntry[]> {
  const entries: FormEntry[] = [];
  let size = 0;
  const count = (numBytes: number): void => {
    size += numBytes;
    if (size > bodyLimit) throw bodyTooLarge();
  };
  try {
    for await (const part of request.parts()) entries.push([part.fieldname, await readPart(part, count)]);
  } catch (error) {
    throw formError(error);
  }
  return entries;
}

async function readPart(part: Multipart, count: (numBytes: number) => void): Promise<string | Uint8Array> {
  if (part.type === 'field') {
    const text = String(part.value);
    count(Buffer.byteLength(text));
    return text;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    count(chunk.length);
    chunks.push(chunk);
  }
  if (part.file.truncated) throw bodyTooLarge();
  return Buffer.concat(chunks);
}

/** The parser's errors have a status if a limit is exceeded, and none if the form is damaged. */
function formError(error: unknown): unknown {
  if (error instanceof ApiError) return error;
  const { statusCode } = error as { readonly statusCode?: number };
  if (statusCode === 413) return bodyTooLarge();
  return statusCode !== undefined
    ? error
    : invalidRequest(
        'body: found a damaged form, expected multipart/form-data with its boundary. Mend the client.',
      );
}
