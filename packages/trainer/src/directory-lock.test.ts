import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LOCK_FILE, lockDirectory } from './directory-lock.js';

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lock-'));
  directory = join(root, 'run');
});
afterEach(() => rmSync(root, { recursive: true }));

test('a lock is exclusive until it is released', async () => {
  const lock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toThrow(
    new RegExp(
      `process ${process.pid} on ${hostname()} has been training here since .* Wait for it, or stop it`,
    ),
  );
  await lock.release();
  expect(readdirSync(directory)).toEqual([]);
  await (await lockDirectory(directory)).release();
});

test('a released lock does not release the next one', async () => {
  const first = await lockDirectory(directory);
  await first.release();
  const second = await lockDirectory(directory);
  await first.release();
  expect(existsSync(join(directory, LOCK_FILE))).toBe(true);
  await second.release();
});

test('another process is refused while it lives, and taken over from once it is killed', async () => {
  const program = fileURLToPath(new URL('testing-internals/hold-lock.ts', import.meta.url));
  const loader = ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx')];
  const holder = spawn(process.execPath, [...loader, program, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await expect(lockDirectory(directory)).rejects.toThrow(`process ${holder.pid} on ${hostname()}`);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await (await lockDirectory(directory)).release();
});

test.runIf(process.platform === 'linux')('a pid that is used again is not the holder', async () => {
  const lock = await lockDirectory(directory);
  const path = join(directory, LOCK_FILE);
  const holder = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...holder, process: 'another boot 1' }));
  await (await lockDirectory(directory)).release();
  await lock.release();
});

test.each([{ host: 'elsewhere' }, { namespace: 'pid:[1]', pid: 2 ** 22 }])(
  'a process that cannot be asked counts as alive (%j)',
  async (elsewhere) => {
    await lockDirectory(directory);
    const path = join(directory, LOCK_FILE);
    const holder = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...holder, ...elsewhere }));
    await expect(lockDirectory(directory)).rejects.toThrow(`if it no longer runs, remove ${path}`);
  },
);

test.each(['', '{"pid": 1', '[]', 'null'])(
  'a lock whose writer ended early is taken over (%j)',
  async (text) => {
    await (await lockDirectory(directory)).release();
    writeFileSync(join(directory, LOCK_FILE), text);
    await (await lockDirectory(directory)).release();
  },
);

test('of several that find a stale lock, one gets it', async () => {
  await (await lockDirectory(directory)).release();
  writeFileSync(join(directory, LOCK_FILE), 'null');
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(directory)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(readdirSync(directory)).toEqual([LOCK_FILE]);
});
