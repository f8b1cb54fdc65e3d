import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('copy-binaries.mjs', import.meta.url));
const source = 'node_modules/onnxruntime-node';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'copy-binaries-'));
  write('package.json', {
    name: 'binaries',
    files: ['a.node', 'b.so'],
    publishConfig: { os: ['linux'], cpu: ['x64'] },
    devDependencies: { 'onnxruntime-node': '1.2.3' },
  });
  write(`${source}/package.json`, { version: '1.2.3' });
  for (const file of ['a.node', 'b.so', 'other.so']) write(`${source}/bin/napi-v6/linux/x64/${file}`, file);
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify(content));
}

function copy(...args: string[]): { status: number | null; stderr: string } {
  // pnpm's NODE_PATH would find the workspace's own copy.
  const env = { ...process.env, NODE_PATH: '' };
  return spawnSync(process.execPath, [script, ...args], { cwd: folder, env, encoding: 'utf8' });
}

test('copies the files that package.json names, and no others', () => {
  mkdirSync(join(folder, 'destination'));
  expect(copy('destination')).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(folder, 'destination/b.so'), 'utf8')).toBe('"b.so"');
  expect(() => readFileSync(join(folder, 'destination/other.so'))).toThrow();
  expect(copy()).toMatchObject({ status: 0 });
  expect(readFileSync(join(folder, 'a.node'), 'utf8')).toBe('"a.node"');
});

test('refuses another version', () => {
  write(`${source}/package.json`, { version: '1.2.4' });
  const { status, stderr } = copy();
  expect(status).toBe(1);
  expect(stderr).toBe('binaries: found onnxruntime-node 1.2.4, expected 1.2.3. Run: npm run setup\n');
});

test('refuses a missing file', () => {
  rmSync(join(folder, source, 'bin/napi-v6/linux/x64/b.so'));
  const { status, stderr } = copy();
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^binaries: onnxruntime-node has no .*b\.so, which "files" in package\.json names\./,
  );
});

test('refuses to copy from nothing', () => {
  rmSync(join(folder, source), { recursive: true });
  const { status, stderr } = copy();
  expect(status).toBe(1);
  expect(stderr).toBe('binaries: onnxruntime-node 1.2.3 is not installed. Run: npm run setup\n');
});
