import { expect, test } from 'vitest';
import { run } from './run-command.js';

test('returns what a command prints, or says which failed', () => {
  const node = (program: string): string => run(process.execPath, ['--eval', program], { cwd: '.' });
  expect(node('console.log(process.env.HOME === undefined)')).toBe('false\n');
  expect(() => node('process.exit(3)')).toThrow(/--eval process\.exit\(3\): exit code 3$/);
  expect(() => run('no-such-command', [], { cwd: '.' })).toThrow('ENOENT');
});
