import { afterEach, expect, test, vi } from 'vitest';
import { run } from './run-command.js';

afterEach(() => vi.unstubAllEnvs());

test('returns what a command prints, or says which failed', () => {
  vi.stubEnv('NODE_PATH', '/somewhere');
  vi.stubEnv('KEPT', 'yes');
  const node = (program: string): string => run(process.execPath, ['--eval', program], { cwd: '.' });
  const print = 'process.stdout.write([process.env.KEPT, process.env.NODE_PATH].join())';
  expect(node(print)).toBe('yes,');
  expect(() => node('process.exit(3)')).toThrow(/--eval process\.exit\(3\): exit code 3$/);
  expect(() => run('no-such-command', [], { cwd: '.' })).toThrow('ENOENT');
});
