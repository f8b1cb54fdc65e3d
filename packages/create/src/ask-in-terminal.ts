import { cancel, select, text } from '@clack/prompts';
import { problemOfAnswer, type Ask } from './answer-questions.js';
import type { Choice } from './template.js';

/** Asks a template's question; ends the process if the user cancels. */
export const askInTerminal: Ask = async (question, suggestion) =>
  question.choices === undefined
    ? askText(question.message, suggestion, (answer) => problemOfAnswer(question, answer))
    : askChoice(question.message, question.choices);

/** Asks for one of several choices. */
export async function askChoice(message: string, choices: readonly Choice[]): Promise<string> {
  const options = choices.map(({ value, description }) => ({ value, label: value, hint: description }));
  return answered(await select<string>({ message, options }));
}

/** Asks for a text, which is the suggestion if nothing is typed. */
export async function askText(
  message: string,
  suggestion: string | undefined,
  problem: (answer: string) => string | undefined,
): Promise<string> {
  return answered(
    await text({
      message,
      placeholder: suggestion,
      defaultValue: suggestion,
      validate: (typed) => problem(typed || suggestion || ''),
    }),
  );
}

function answered(answer: string | symbol): string {
  if (typeof answer === 'string') return answer;
  cancel('Nothing was written.');
  process.exit(130);
}
