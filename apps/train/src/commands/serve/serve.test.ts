import { Command } from 'commander';
import { expect, test } from 'vitest';
import { serverArguments } from './serve-action.js';
import { serveCommand } from './serve.js';

test('serve passes its arguments on, and the engine, wherever it is', async () => {
  const passed: string[][] = [];
  const serve = serveCommand().action((args: string[], _, command: Command) => {
    passed.push(serverArguments(args, command));
  });
  const program = new Command().option('--engine <name>', '', 'auto').addCommand(serve);
  const run = (line: string) => program.parseAsync(line.split(' '), { from: 'user' });
  await run('serve --api-key secret flowers=runs/flowers --engine wasm --port 0');
  await run('--engine cpu serve emoji --help');
  expect(passed).toEqual([
    ['--engine', 'wasm', '--api-key', 'secret', 'flowers=runs/flowers', '--port', '0'],
    ['--engine', 'cpu', 'emoji', '--help'],
  ]);
});
