/* eslint-disable @typescript-eslint/no-explicit-any -- manifests have no types here. */
/** The files of `deploy/`: nothing runs them here but nginx (a system test), so they are checked for what can be. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { defaultLimits } from './http/server-options.js';
import { createProgram } from './program.js';
import { fakeHost } from './testing-internals/fake-host.js';
import { testServer } from './testing-internals/test-server.js';

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

/** Options of the server in a pod, those that it has by default among them. */
function podOptions(): { maxRunning: number; requestTimeout: number; bodyLimit: number } {
  const { template } = manifestOf('Deployment').spec as Record<string, any>;
  const program = createProgram();
  expect(program.parseOptions(template.spec.containers[0].args)).toEqual({
    operands: ['emoji'],
    unknown: [],
  });
  return program.opts();
}

it('nginx waits longer than the server, for requests of the same size', () => {
  const config = read('nginx.conf');
  const valueOf = (name: string): string => new RegExp(`^ *${name} (.*);$`, 'm').exec(config)![1];
  expect(parseInt(valueOf('proxy_read_timeout'))).toBeGreaterThan(defaultLimits.requestTimeout / 1000);
  expect(valueOf('client_max_body_size')).toBe(`${defaultLimits.bodyLimit / 2 ** 20}m`);
  // What takes too long is not begun again, and a request that may be sent twice is read before it is sent.
  expect(valueOf('proxy_next_upstream').split(' ')).not.toContain('timeout');
  expect(valueOf('proxy_request_buffering')).toBe('on');
});

it('Envoy waits longer than the server, and sends to another what one refuses', () => {
  const { requestTimeout, bodyLimit } = podOptions();
  const route = manifestOf('HTTPRoute').spec as Record<string, any>;
  expect(parseInt(route.rules[0].timeouts.request)).toBeGreaterThan(requestTimeout);
  const { retry, requestBuffer } = manifestOf('BackendTrafficPolicy').spec as Record<string, any>;
  expect(retry.retryOn.httpStatusCodes).toEqual([503]);
  // Without it, the codes have no effect.
  expect(retry.retryOn.triggers).toContain('retriable-status-codes');
  expect(requestBuffer.limit).toBe(`${bodyLimit}Mi`);
});

it('a pod ends after the requests that it has begun, and can be moved', () => {
  const { template } = manifestOf('Deployment').spec as Record<string, any>;
  const { terminationGracePeriodSeconds, containers } = template.spec;
  const preStop = Number(containers[0].lifecycle.preStop.exec.command[1]);
  const longest = preStop + defaultLimits.receiveTimeout / 1000 + podOptions().requestTimeout;
  expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(longest + 20);
  const budget = manifestOf('PodDisruptionBudget').spec as Record<string, any>;
  const autoscaler = manifestOf('HorizontalPodAutoscaler').spec as Record<string, any>;
  expect(autoscaler.minReplicas - (budget.minAvailable ?? 0)).toBeGreaterThanOrEqual(1);
  expect(budget.maxUnavailable).toBe(1);
});

it('requests wait, and so add pods, before a pod runs as many as a server that has a machine to itself', () => {
  const { maxRunning } = createProgram().opts<{ maxRunning: number }>();
  expect(podOptions().maxRunning).toBeLessThan(maxRunning);
});

it('no pod starts without API keys', () => {
  const [{ env, envFrom }] = (manifestOf('Deployment').spec as Record<string, any>).template.spec.containers;
  expect(envFrom).toBeUndefined();
  expect(env).toMatchObject([{ name: 'TRANSFUSION_API_KEYS' }]);
  expect(env[0].valueFrom.secretKeyRef).toEqual({ name: 'transfusion-api-keys', key: 'keys' });
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
  const app = await testServer({ models: [fakeHost()] });
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
