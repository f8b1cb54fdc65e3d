/* eslint-disable @typescript-eslint/no-explicit-any -- manifests have no types here. */
/** The files of `deploy/`: nothing runs them here but nginx (a system test), so they are checked for what can be. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createServer } from './http/create-server.js';
import { createProgram } from './program.js';
import { fakeHost } from './testing-internals/fake-host.js';

const folder = new URL('../deploy/', import.meta.url);
const read = (file: string): string => readFileSync(fileURLToPath(new URL(file, folder)), 'utf8');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, never>;
}

const manifests = readdirSync(fileURLToPath(new URL('kubernetes', folder))).flatMap((file) =>
  parseAllDocuments(read(`kubernetes/${file}`), { strict: true, uniqueKeys: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  }),
);
const manifestOf = (kind: string): Manifest => manifests.find((manifest) => manifest.kind === kind)!;

it('the Dockerfile has no problem, and starts the command with options that it has', () => {
  const dockerfile = read('Dockerfile');
  expect(validate(dockerfile)).toEqual([]);
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)![1]) as string[];
  expect(entry[1]).toBe('node_modules/@transfusion/serve/bin/transfusion-serve.mjs');
  const known = createProgram().options.map(({ long }) => long);
  for (const option of entry.filter((word) => word.startsWith('--'))) expect(known).toContain(option);
  const port = /EXPOSE (\d+)/.exec(dockerfile)![1];
  expect(entry).toContain(port);
  expect(dockerfile).toContain(`http://127.0.0.1:${port}/readyz`);
});

it('the manifests fit each other', () => {
  expect(manifests.map(({ kind }) => kind).sort()).toEqual([
    'BackendTrafficPolicy',
    'Deployment',
    'HTTPRoute',
    'HorizontalPodAutoscaler',
    'PodDisruptionBudget',
    'Service',
  ]);
  const { selector, template } = manifestOf('Deployment').spec as Record<string, any>;
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  const service = manifestOf('Service').spec as Record<string, any>;
  expect(template.metadata.labels).toMatchObject(service.selector);
  const [container] = template.spec.containers;
  const names = container.ports.map(({ name }: { name: string }) => name);
  expect(names).toContain(service.ports[0].targetPort);
  const autoscaler = manifestOf('HorizontalPodAutoscaler').spec as Record<string, any>;
  expect(autoscaler.scaleTargetRef.name).toBe(manifestOf('Deployment').metadata.name);
  const route = manifestOf('HTTPRoute').spec as Record<string, any>;
  expect(route.rules[0].backendRefs[0]).toMatchObject({
    name: manifestOf('Service').metadata.name,
    port: service.ports[0].port,
  });
  const policy = manifestOf('BackendTrafficPolicy').spec as Record<string, any>;
  expect(policy.targetRefs[0].name).toBe(manifestOf('HTTPRoute').metadata.name);
  expect(policy.loadBalancer.type).toBe('LeastRequest');
});

it('probes and metrics are those of the server', async () => {
  const app = await createServer({ models: [fakeHost()] });
  const { template } = manifestOf('Deployment').spec as Record<string, any>;
  const [container] = template.spec.containers;
  const paths = ['readinessProbe', 'livenessProbe', 'startupProbe'].map(
    (probe) => container[probe].httpGet.path,
  );
  for (const url of [...paths, template.metadata.annotations['prometheus.io/path']]) {
    expect((await app.inject({ url })).statusCode).toBe(200);
  }
  const { metrics } = manifestOf('HorizontalPodAutoscaler').spec as Record<string, any>;
  const metric = (metrics[0].pods.metric.name as string).replace('vllm_', 'vllm:');
  expect((await app.inject({ url: '/metrics' })).body).toContain(`${metric}{`);
  await app.close();
});
