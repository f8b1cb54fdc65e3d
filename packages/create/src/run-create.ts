import { basename, relative, resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { answerQuestions, formatFlag } from './answer-questions.js';
import { askChoice, askInTerminal, askText } from './ask-in-terminal.js';
import { packageManagerOf } from './package-manager.js';
import { parseArguments } from './parse-arguments.js';
import { renderProject } from './render-project.js';
import type { Project, Template } from './template.js';
import { templates } from './templates.js';
import { checkEmpty, writeProject } from './write-project.js';

/** Runs `npm create @transfusion` with its arguments; reports what a user can put right, with the exit code 1. */
export async function runCreate(args: readonly string[]): Promise<void> {
  try {
    await createFromArguments(args);
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function createFromArguments(args: readonly string[]): Promise<void> {
  const { folder: named, template: chosen, answers: flags, help } = parseArguments(args, templates);
  if (help) return console.log(helpText());
  const ask = process.stdin.isTTY && process.stdout.isTTY && !process.env['CI'] ? askInTerminal : undefined;
  const folder = named ?? (ask && (await askText('Folder of the project', undefined, problemOfFolder)));
  if (folder === undefined) throw missing('a folder');
  await checkEmpty(resolve(folder));
  const template = chosen ?? (ask && templateOf(await askChoice('What do you want to make?', choices())));
  if (template === undefined) throw missing('--template');

  const answers = await answerQuestions(template, flags, basename(resolve(folder)), ask);
  const project = template.project(answers);
  await writeProject(resolve(folder), renderProject(project));
  console.log(closingText(folder, project));
}

function missing(what: string): TransfusionError {
  return new TransfusionError(
    'invalid-argument',
    `${what} is missing, and there is no terminal to ask in.\n\n${helpText()}`,
  );
}

const problemOfFolder = (folder: string): string | undefined =>
  folder === '' ? 'expected the path of a new or empty folder' : undefined;

function choices() {
  return templates.map(({ name, description }) => ({ value: name, description }));
}

function templateOf(name: string): Template | undefined {
  return templates.find((template) => template.name === name);
}

/** Usage, templates and their flags. */
function helpText(): string {
  const lines = templates.flatMap(({ name, description, questions }) => [
    `  --template ${name}: ${description}`,
    ...questions.map((question) => `    ${formatFlag(question)}: ${question.message}`),
  ]);
  return [
    'Usage: npm create @transfusion -- <folder> --template <template> [flags]',
    '       pnpm create @transfusion <folder> --template <template> [flags]',
    '',
    'Without a flag, its question is asked.',
    '',
    ...lines,
  ].join('\n');
}

function closingText(folder: string, { nextSteps }: Project): string {
  const manager = packageManagerOf(process.env['npm_config_user_agent']);
  const path = relative(process.cwd(), resolve(folder));
  const commands = nextSteps.map(({ script, description }) => [manager.run(script), description]);
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    `Wrote ${path === '' ? 'the project' : path}. Next:`,
    '',
    ...(path === '' ? [] : [`  cd ${/^[\w@./-]+$/.test(path) ? path : JSON.stringify(path)}`]),
    `  ${manager.install}`,
    ...commands.map(([command, description]) => `  ${command.padEnd(width)}  # ${description}`),
  ].join('\n');
}
