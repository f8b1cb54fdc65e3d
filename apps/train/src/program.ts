/** The command line interface: command groups, help, and common options. */
import { Command } from 'commander';
import { dataCommand } from './commands/data/check.js';
import { evaluateCommand } from './commands/evaluate/evaluate.js';
import { captionCommand } from './commands/generate/caption.js';
import { sampleCommand } from './commands/generate/sample.js';
import { editCommand } from './commands/image/edit.js';
import { inpaintCommand } from './commands/image/inpaint.js';
import { exportCommand } from './commands/run/export.js';
import { inspectCommand } from './commands/run/inspect.js';
import { trainCommand } from './commands/run/train.js';
import { serveCommand } from './commands/serve/serve.js';
import { tokenizerCommand } from './commands/tokenizer/train.js';

const EXAMPLES = `
Examples:
  transfusion train emoji-pixels
  transfusion sample runs/emoji-pixels "red apple, noto" --count 4 --out apples.png
  transfusion caption runs/emoji-pixels apples.png
  transfusion inpaint runs/emoji-pixels apple.png --mask hole.png --prompt "red apple, noto"
  transfusion inspect paper-7b
  transfusion evaluate emoji
  transfusion serve emoji --port 8000
`;

/** Creates the commands by group, as shown in the help. */
const createGroups = (recipes: string): Readonly<Record<string, readonly Command[]>> => ({
  'Runs:': [trainCommand(recipes), evaluateCommand(), exportCommand(), inspectCommand(recipes)],
  'Generation of any modality:': [sampleCommand(), captionCommand()],
  'Images:': [editCommand(), inpaintCommand()],
  'Server:': [serveCommand()],
  'Data:': [dataCommand(), tokenizerCommand()],
});

/** Runs the command line. Throws instead of exiting the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  await createProgram(showsRecipes(args) ? await listRecipes() : '').parseAsync(args, { from: 'user' });
}

/** Returns true if the help lists recipes: they take time to load, but help is printed synchronously. */
function showsRecipes(args: readonly string[]): boolean {
  const isHelp = ['help', '--help', '-h'].some((word) => args.includes(word));
  return isHelp && ['train', 'inspect'].some((command) => args.includes(command));
}

async function listRecipes(): Promise<string> {
  return (await import('./composition/open-recipe.js')).recipeHelp();
}

/**
 * Creates the `transfusion` command.
 *
 * @param recipes list of the built-in recipes, for the help of commands that take one
 */
function createProgram(recipes: string): Command {
  const program = new Command('transfusion')
    .description('Trains and runs Transfusion models: one transformer over text and image latents.')
    .option(
      '--engine <name>',
      'compute backend: auto, onnxruntime, tensorflow-gpu, tensorflow, wasm or cpu',
      'auto',
    )
    .option('--debug', 'shows stack traces of errors')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(use --help for usage)');
  for (const [title, commands] of Object.entries(createGroups(recipes))) {
    for (const command of commands) program.addCommand(command.helpGroup(title));
  }
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true });
    if (command !== program) command.copyInheritedSettings(program).exitOverride();
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
