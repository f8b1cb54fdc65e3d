import { spawn } from 'node:child_process';

/** Environment of a user's terminal: without what runs the tests. */
export function userEnvironment(npmrc?: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_cache$)|NODE_|VITEST|NX_|FORCE_COLOR$|TEST$|INIT_CWD|PNPM_)/.test(name),
  );
  return {
    ...Object.fromEntries(own),
    ...(npmrc !== undefined && { NPM_CONFIG_USERCONFIG: npmrc }),
    CI: 'true',
  };
}

/** Runs a line of a shell and returns what it prints. @throws Error with all output if it fails */
export async function shell(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(line, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let all = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
    all += String(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => (all += String(chunk)));
  const code = await new Promise((resolve, reject) => void child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${line}: exit code ${String(code)}\n${all}`);
  return stdout;
}
