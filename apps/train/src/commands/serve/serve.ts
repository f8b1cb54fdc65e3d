import { Command } from 'commander';
import { lazyAction } from '../../lazy-action.js';

/** Creates the `transfusion serve` command, which passes its arguments on to `@transfusion/serve`. */
export function serveCommand(): Command {
  return new Command('serve')
    .description("Serves models over HTTP, with the APIs of OpenAI's clients (needs @transfusion/serve).")
    .argument('[arguments...]', 'as of `transfusion-serve`: models, such as `emoji` or a run, and options')
    .helpOption(false)
    .allowUnknownOption()
    .action(lazyAction(async () => (await import('./serve-action.js')).serveAction));
}
