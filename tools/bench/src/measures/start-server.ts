import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../../../apps/serve/bin/transfusion-serve.mjs', import.meta.url));

/** A server in a process of its own. */
export interface ServerProcess {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Reads a metric without labels, or the sum over its labels; undefined if the server has none of that name. */
  metric(name: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** Starts a server of the shipped model on a free port, and waits until it is ready. */
export async function startServer(args: readonly string[] = []): Promise<ServerProcess> {
  const child = spawn(process.execPath, [COMMAND, 'emoji', '--port', '0', '--log-level', 'error', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
      const found = /http:\/\/[\d.]+:\d+/.exec(printed);
      if (found !== null) resolve(found[0]);
    });
    void exit.then(() => reject(new Error(`the server ended: ${printed}`)));
  });
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    url,
    metric: async (name) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const values = text
        .split('\n')
        .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
      return values.length === 0 ? undefined : values.reduce((a, b) => a + b);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
