import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readSafetensors } from './read-safetensors.js';

const program = fileURLToPath(new URL('../testing-internals/write-forever.ts', import.meta.url));

it('a writer that is killed leaves a whole file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'killed-'));
  const path = join(folder, 'x.safetensors');
  for (const delay of [0, 3, 7, 12]) {
    const loader = ['--conditions=@transfusion/source', '--import', import.meta.resolve('tsx')];
    const writer = spawn(process.execPath, [...loader, program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    await sleep(delay);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const file = await readSafetensors(path);
    for (const name of ['a', 'b']) {
      const { data } = await file.read(name);
      expect(data.every((value) => value === Number(file.metadata.round))).toBe(true);
    }
    await file.close();
  }
  await rm(folder, { recursive: true });
});
