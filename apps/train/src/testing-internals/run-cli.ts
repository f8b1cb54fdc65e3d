import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../bin/transfusion.mjs', import.meta.url));

/** Result of a command. */
export interface CliResult {
  /** Exit code as in a shell: 128 plus the signal's number if a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link runCli}. */
export interface RunCliOptions {
  /** Command that starts it; defaults to the launcher. */
  readonly starter?: readonly [command: string, ...args: string[]];
  /** Called with all output so far whenever there is more. */
  watch?(stdout: string, child: ChildProcess): void;
  /** Called when the started process ends; its child processes may still run. */
  onExit?(): void;
}

/**
 * Runs the command in a separate process that leads its own group, like a foreground process of a terminal.
 */
export function runCli(
  cwd: string,
  args: readonly string[],
  { starter = [process.execPath, launcher], watch, onExit }: RunCliOptions = {},
): Promise<CliResult> {
  const [command, ...first] = starter;
  const child = spawn(command, [...first, ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    watch?.(stdout, child);
  });
  child.on('exit', () => onExit?.());
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 128 + constants.signals[signal!], stdout, stderr }),
    );
  });
}

/** Sends a signal to all processes of a command, as a terminal does. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  process.kill(-pid!, signal);
}
