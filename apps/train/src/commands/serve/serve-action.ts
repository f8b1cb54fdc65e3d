import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { Command } from 'commander';

const SERVER = '@transfusion/serve';

/** Starts the server's own command, and ends when it ends. */
export async function serveAction(
  args: readonly string[],
  _options: object,
  command: Command,
): Promise<void> {
  const child = spawn(process.execPath, [serverCommand(), ...serverArguments(args, command)], {
    stdio: 'inherit',
  });
  // The server ends well by itself; this process waits for it.
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const forward = (signal: NodeJS.Signals): boolean => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...ended) => resolve(ended));
  });
  for (const signal of signals) process.off(signal, forward);
  process.exitCode = code ?? 128 + constants.signals[signal!];
}

/** Returns the arguments for the server: those of the command, and the engine, which is an option of all commands here. */
export function serverArguments(args: readonly string[], command: Command): string[] {
  const { engine } = command.optsWithGlobals<{ readonly engine: string }>();
  return ['--engine', engine, ...args];
}

/**
 * Returns the file of the server's command, of the current project or beside this command. An app is not a dependency of
 * another, so it is looked for when it is needed.
 *
 * @throws TransfusionError `not-found` if it is not installed
 */
function serverCommand(): string {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    const manifest = manifestFrom(from);
    if (manifest === undefined) continue;
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin: Record<string, string> };
    return join(dirname(manifest), bin['transfusion-serve']);
  }
  throw new TransfusionError(
    'not-found',
    `serve: ${SERVER} is not installed. Run \`npm install ${SERVER}\` and try again.`,
  );
}

function manifestFrom(file: string): string | undefined {
  try {
    const path = createRequire(file).resolve(`${SERVER}/package.json`);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
