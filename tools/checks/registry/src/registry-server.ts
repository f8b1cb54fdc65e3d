import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

/** A registry of the `@transfusion` packages alone, on this machine. */
export interface RegistryServer {
  /** Its address, with a slash at the end. */
  readonly url: string;
  /** Lines of an `.npmrc` that takes these packages, and those of `@acme`, from here, and all others from where npm takes them. */
  readonly npmrc: string;
  close(): Promise<void>;
}

/** Starts a registry that keeps its packages in a folder, at a free port. */
export async function startRegistry(folder: string): Promise<RegistryServer> {
  const server = (await runServer({
    storage: join(folder, 'storage'),
    self_path: folder,
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: {},
    packages: { '**': { access: '$all', publish: '$all' } },
    max_body_size: '200mb',
    log: { type: 'stdout', format: 'pretty', level: 'fatal' },
  } as never)) as Server;
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const host = `//127.0.0.1:${port}/`;
  return {
    url: `http:${host}`,
    npmrc: `@transfusion:registry=http:${host}\n@acme:registry=http:${host}\n${host}:_authToken=anybody\n`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
