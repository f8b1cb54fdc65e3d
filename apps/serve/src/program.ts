/** The command line of the server. */
import { Command, InvalidArgumentError } from 'commander';
import { defaultLimits } from './http/server-options.js';
import type { ServeOptions } from './serve.js';

/** Runs the command line; resolves when the server has ended. */
export async function runProgram(args: readonly string[]): Promise<void> {
  await createProgram().parseAsync(args, { from: 'user' });
}

/** Creates the `transfusion-serve` command. */
export function createProgram(): Command {
  const { maxQueue, requestTimeout, bodyLimit, maxBodies, maxConnections, maxPixels } = defaultLimits;
  return new Command('transfusion-serve')
    .description("Serves Transfusion models over HTTP, with the APIs of OpenAI's clients.")
    .argument(
      '[models...]',
      'runs, checkpoints or exports, or shipped models; name=folder gives one another name',
      ['emoji'],
    )
    .optionsGroup('Server:')
    .option('--host <address>', 'address to listen on; 0.0.0.0 is every one of this machine', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 is any free one', integer(0, 65_535), 8000)
    .option(
      '--api-key <key>',
      'key that opens the server; may be repeated (or TRANSFUSION_API_KEYS, with commas, which `ps` does not show)',
      (key: string, others: readonly string[] = []) => [...others, key],
    )
    .option('--browser', 'lets the page run the models in the browser, which downloads their weights')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent', 'info')
    .option('--log-prompts', 'logs the texts of prompts, too')
    .optionsGroup('Models:')
    .option(
      '--engine <name>',
      'compute backend: auto, onnxruntime, tensorflow-gpu, tensorflow, wasm or cpu',
      'auto',
    )
    .option('--max-running <number>', 'outputs of a model that are generated together', integer(1), 64)
    .optionsGroup('Limits:')
    .option(
      '--max-queue <number>',
      'outputs of a model that run or wait; others get 429',
      integer(1),
      maxQueue,
    )
    .option(
      '--request-timeout <seconds>',
      'time from admission to the end of an output',
      integer(1, 2_000_000),
      requestTimeout / 1000,
    )
    .option('--body-limit <MiB>', 'size of a request', integer(1, 2047), bodyLimit / 2 ** 20)
    .option(
      '--max-bodies <number>',
      'bodies of that size, or more smaller ones, in memory at a time; others get 429',
      integer(1),
      maxBodies,
    )
    .option('--max-connections <number>', 'open connections; others are closed', integer(1), maxConnections)
    .option(
      '--max-pixels <number>',
      'pixels of all images of a request together, in millions',
      integer(1, 2147),
      maxPixels / 1e6,
    )
    .option('--max-prompt-tokens <number>', 'tokens and positions of images in a prompt', integer(1), 4096)
    .option('--max-tokens <number>', 'generated tokens; also the default', integer(1), 1024)
    .option('--max-steps <number>', 'denoising steps of an image', integer(1), 250)
    .option('--max-images <number>', 'images in a reply', integer(1), 8)
    .exitOverride()
    .showHelpAfterError('(use --help for usage)')
    .action(async (models: string[], options: ServeOptions) => {
      const { serve } = await import('./serve.js');
      await serve(models, options);
    });
}

/** Parses an integer of a range. */
function integer(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected an integer ${range}.`);
  };
}
