import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../../../apps/serve/bin/transfusion-serve.mjs', import.meta.url));

/** A server in processes of its own. */
export interface ServerProcess {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Log so far, a JSON object a line. */
  readonly log: () => string;
  /** Reads metrics, each summed over its labels; NaN if the server has none of that name. */
  metrics<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>>;
  /** Reads one of them. */
  metric(name: string): Promise<number>;
  /** Kills the server and all that it started. */
  kill(): Promise<void>;
  /** Sends SIGTERM to the launcher, or to all processes at once, and returns the exit code. */
  stop(receiver?: 'launcher' | 'group'): Promise<number | null>;
}

/** Starts a server, by default of the shipped model, on a free port; resolves when it is ready. */
export async function startServer(
  args: readonly string[] = [],
  { models = ['emoji'], port = 0 }: { readonly models?: readonly string[]; readonly port?: number } = {},
): Promise<ServerProcess> {
  // In a process group of its own, so that all of it can be killed, as a terminal does.
  const child = spawn(process.execPath, [COMMAND, ...models, '--port', String(port), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  let [printed, log] = ['', ''];
  child.stderr.on('data', (text: Buffer) => (log += text.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
      const found = /http:\/\/[\d.]+:\d+/.exec(printed);
      if (found !== null) resolve(found[0]);
    });
    void exit.then(() => reject(new Error(`the server ended: ${printed}${log}`)));
  });
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 50));
  // All in one answer: some of them begin again each time that they are read.
  const metrics = async <Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> => {
    const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
    const sumOf = (name: string): number => {
      const values = lines
        .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
        .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
      return values.length === 0 ? Number.NaN : values.reduce((a, b) => a + b);
    };
    return Object.fromEntries(names.map((name) => [name, sumOf(name)])) as Record<Name, number>;
  };
  return {
    url,
    log: () => log,
    metrics,
    metric: async (name) => (await metrics(name))[name],
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
      await exit;
    },
    stop: async (receiver = 'launcher') => {
      process.kill(receiver === 'group' ? -child.pid! : child.pid!, 'SIGTERM');
      return (await exit)[0];
    },
  };
}
