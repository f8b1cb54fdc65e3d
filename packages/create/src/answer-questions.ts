import { TransfusionError } from '@transfusion/errors';
import type { Answers, Question, Template } from './template.js';

/** Asks a question in a terminal; returns an answer without a problem. */
export type Ask = (question: Question, suggestion: string | undefined) => Promise<string>;

/**
 * Completes the answers that flags give.
 *
 * @param ask absent if there is no terminal: suggestions are taken instead
 * @throws TransfusionError `invalid-argument` for an answer that does not fit, or is missing
 */
export async function answerQuestions(
  { name, questions }: Template,
  flags: Answers,
  folderName: string,
  ask?: Ask,
): Promise<Answers> {
  const foreign = Object.keys(flags).find((flag) => questions.every((question) => question.flag !== flag));
  if (foreign !== undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `--${foreign}: the template '${name}' has no such flag, expected ${listFlags(questions)}.`,
    );
  }
  for (const question of questions) checkAnswer(question, flags[question.flag]);

  const answers: Record<string, string> = {};
  for (const question of questions) {
    const suggestion = question.suggest?.(folderName);
    const answer = flags[question.flag] ?? (ask ? await ask(question, suggestion) : suggestion);
    if (answer === undefined) {
      throw new TransfusionError(
        'invalid-argument',
        `--${question.flag} is missing, and there is no terminal to ask in. ` +
          `The template '${name}' takes ${listFlags(questions)}.`,
      );
    }
    checkAnswer(question, answer);
    answers[question.flag] = answer;
  }
  return answers;
}

/** Returns the problem with an answer to a question. */
export function problemOfAnswer({ choices, problem }: Question, answer: string): string | undefined {
  if (choices !== undefined && choices.every(({ value }) => value !== answer))
    return `found '${answer}', expected ${choices.map(({ value }) => value).join(' or ')}`;
  return problem?.(answer);
}

function checkAnswer(question: Question, answer: string | undefined): void {
  const problem = answer === undefined ? undefined : problemOfAnswer(question, answer);
  if (problem !== undefined) {
    throw new TransfusionError('invalid-argument', `--${question.flag}: ${problem}. Pass another one.`);
  }
}

/** A flag as the help shows it, `--kind continuous|discrete`. */
export function formatFlag({ flag, choices }: Question): string {
  return `--${flag} ${choices?.map(({ value }) => value).join('|') ?? `<${flag}>`}`;
}

function listFlags(questions: readonly Question[]): string {
  return questions.map(formatFlag).join(', ');
}
