/** The command line: commands, their help, and what they have in common. */
import { Command } from 'commander';
import { captionCommand } from './commands/caption.js';
import { dataCommand } from './commands/data.js';
import { editCommand } from './commands/edit.js';
import { exportCommand } from './commands/export.js';
import { inpaintCommand } from './commands/inpaint.js';
import { inspectCommand } from './commands/inspect.js';
import { sampleCommand } from './commands/sample.js';
import { tokenizerCommand } from './commands/tokenizer.js';
import { trainCommand } from './commands/train.js';

const EXAMPLES = `
Examples:
  transfusion train emoji-pixels
  transfusion sample runs/emoji-pixels "red apple, noto" --count 4 --out apples.png
  transfusion caption runs/emoji-pixels apples.png
  transfusion inpaint runs/emoji-pixels apple.png --mask hole.png --prompt "red apple, noto"
  transfusion inspect paper-7b
`;

/** The `transfusion` command. It throws instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('transfusion')
    .description('Trains and uses Transfusion models: one transformer that writes text and draws images.')
    .option(
      '--engine <name>',
      'what computes: auto, onnxruntime, tensorflow-gpu, tensorflow, wasm or cpu',
      'auto',
    )
    .option('--debug', 'shows where an error happened')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(--help says what there is)');
  const commands = [
    trainCommand(),
    sampleCommand(),
    captionCommand(),
    editCommand(),
    inpaintCommand(),
    exportCommand(),
    inspectCommand(),
    tokenizerCommand(),
    dataCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true });
    if (command !== program) command.copyInheritedSettings(program).exitOverride();
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
