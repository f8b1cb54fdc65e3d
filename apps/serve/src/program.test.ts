import { expect, it, vi } from 'vitest';
import { createProgram } from './program.js';

/** Parses a command line, without an action. */
async function parse(...args: string[]) {
  const action = vi.fn<(models: string[], options: Record<string, unknown>) => void>();
  const program = createProgram()
    .action(action)
    .configureOutput({ writeErr: () => undefined });
  await program.parseAsync(args, { from: 'user' });
  const [models, options] = action.mock.calls[0];
  return { models, options };
}

it('takes one key with each --api-key, and models after it', async () => {
  const { models, options } = await parse(
    '--api-key',
    'secret',
    'flowers=runs/flowers',
    '--api-key',
    'other',
  );
  expect(options['apiKey']).toEqual(['secret', 'other']);
  expect(models).toEqual(['flowers=runs/flowers']);
  expect((await parse()).options['apiKey']).toBeUndefined();
});

it('refuses times that timers do not have', async () => {
  expect((await parse('--request-timeout', '2000000')).options['requestTimeout']).toBe(2_000_000);
  await expect(parse('--request-timeout', '2147484')).rejects.toThrow('from 1 to 2000000');
});
