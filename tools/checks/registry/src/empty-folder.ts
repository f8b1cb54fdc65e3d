import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { shell, userEnvironment } from './shell.js';

/** A folder outside the workspace, as a user of the published packages has it. */
export interface UserFolder {
  readonly path: string;
  /** The environment of the user's terminal. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a line of a shell in it and returns what it prints. @throws Error with all output if it fails */
  run(line: string): Promise<string>;
}

/** Creates an empty folder of this name. */
export function emptyFolder(name: string): UserFolder {
  const { folder, npmrc } = inject('registry');
  const path = join(folder, name);
  mkdirSync(path);
  const env = userEnvironment(npmrc);
  return { path, env, run: (line) => shell(line, path, env) };
}
