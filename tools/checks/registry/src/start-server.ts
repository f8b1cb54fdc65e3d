import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server of models. */
export interface ModelServer {
  /** Address of its API, which ends in `/v1`. */
  readonly address: string;
  /** Ends it and all of its processes; resolves when they have closed their output. */
  stop(): Promise<void>;
}

/** Runs a line of a shell that serves models, until it prints its address. @throws Error if it ends before */
export async function startServer(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<ModelServer> {
  // In a process group of its own, so that all of it can be ended.
  const server = spawn(line, { cwd, env, shell: true, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(server, 'close');
  const stop = async (): Promise<void> => {
    process.kill(-server.pid!, 'SIGTERM');
    await closed;
  };
  const address = await new Promise<string>((resolve, reject) => {
    server.stdout.on('data', (text: Buffer) => {
      const found = /http:\/\/\S+\/v1/.exec(String(text));
      if (found !== null) resolve(found[0]);
    });
    server.once('exit', (code) => reject(new Error(`${line}: ended with ${String(code)}`)));
  });
  return { address, stop };
}
