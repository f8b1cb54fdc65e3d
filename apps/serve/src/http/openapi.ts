/** The API's description (OpenAPI 3.1), made of the schemas that requests are validated by, and a page to read it. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import { errorResponse } from '../openai/api-error.js';

/** Forms of a route's successful response. */
export interface ResponseForms {
  readonly json?: z.ZodType;
  /** Server-sent events. */
  readonly events?: z.ZodType;
  /** Media type of a file. */
  readonly file?: string;
}

/** Returns the parts of a route's schema that describe it. */
export function describeRoute(tag: string, summary: string, { json, events, file }: ResponseForms) {
  const content = {
    ...(json !== undefined && { 'application/json': { schema: json } }),
    ...(file !== undefined && { [file]: { schema: z.string().meta({ format: 'binary' }) } }),
    ...(events !== undefined && { 'text/event-stream': { schema: events } }),
  };
  const failure = (description: string) => ({
    description,
    content: { 'application/json': { schema: errorResponse } },
  });
  return {
    tags: [tag],
    summary,
    security: [{ apiKey: [] }],
    response: {
      200: { description: 'Success', content },
      '4xx': failure('The request is at fault, or the queue is full (429, with Retry-After).'),
      '5xx': failure('The server is at fault, is not ready (503, with Retry-After), or took too long (504).'),
    },
  } satisfies FastifySchema;
}

const zodToJsonConfig = {
  // Files of forms are described by metadata.
  unrepresentable: 'any',
  // The only metadata that the registries of requests and responses do not copy.
  override: ({ zodSchema, jsonSchema }) => {
    const { examples } = z.globalRegistry.get(zodSchema) ?? {};
    if (examples !== undefined) Object.assign(jsonSchema, { examples });
  },
} satisfies z.core.ToJSONSchemaParams;

const addSchemas = createJsonSchemaTransformObject({ zodToJsonConfig });

/** Removes schemas that nothing refers to: each is there twice, as the schema of a request and of a response. */
function withoutUnused(document: Partial<OpenAPIV3_1.Document>): Partial<OpenAPIV3_1.Document> {
  const text = JSON.stringify(document);
  const schemas = Object.entries(document.components?.schemas ?? {}).filter(([name]) =>
    text.includes(`"#/components/schemas/${name}"`),
  );
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } };
}

const description = `
An inference server for Transfusion models with the API of OpenAI's clients. Fields that OpenAI does not have are sent
through \`extra_body\` of the clients, or as further fields of the body. Unknown fields are refused.
Every response has an \`x-request-id\`. Every error has OpenAI's body.`;

/** Serves the description at `/openapi.json` and `/docs`, of the routes that are added from now on. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Transfusion inference server', description: description.trim(), version: 'v1' },
      // In the order of the page.
      tags: ['Chat', 'Responses', 'Images', 'Audio', 'Models', 'Operation'].map((name) => ({ name })),
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key of the server. A server without keys is open.',
          },
        },
      },
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: (document) => withoutUnused(addSchemas(document) as OpenAPIV3_1.Document),
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // A server without TLS has nothing to upgrade to.
    transformStaticCSP: (header) => header.replace(/ upgrade-insecure-requests;?/, ''),
    uiConfig: { validatorUrl: null, layout: 'BaseLayout', deepLinking: true },
    theme: { title: 'Transfusion inference server' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
