/** Errors as OpenAI's clients read them: a status, and a body `{error: {message, type, param, code}}`. */
import { z } from 'zod';

/** Body of every answer that is not a success. */
export const errorResponse = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable().describe('The field at fault.'),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'ErrorResponse' });

/** Error that is written for the client. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  /** Seconds after which the request may be sent again. */
  readonly retryAfter: number | undefined;

  constructor(
    statusCode: number,
    message: string,
    options: {
      readonly type: string;
      readonly code?: string;
      readonly param?: string;
      readonly retryAfter?: number;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.statusCode = statusCode;
    this.type = options.type;
    this.code = options.code ?? null;
    this.param = options.param ?? null;
    this.retryAfter = options.retryAfter;
  }
}

/** Returns an error about the request (400 by default); the message names what was expected, what was found and a remedy. */
export function invalidRequest(message: string, param?: string, statusCode = 400, code?: string): ApiError {
  return new ApiError(statusCode, message, {
    type: 'invalid_request_error',
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code }),
  });
}

/** Returns an error for now: the same request may succeed later. */
export function unavailable(message: string, retryAfter: number): ApiError {
  return new ApiError(503, message, { type: 'server_error', code: 'service_unavailable', retryAfter });
}

/** Returns the body for an error. */
export function errorBody({ message, type, param, code }: ApiError): z.infer<typeof errorResponse> {
  return { error: { message, type, param, code } };
}
