/** Questions of multiple choice a second: with what they begin with computed once, and each choice from its beginning. */
import { logLikelihoods, type LogLikelihoodRequest, type TrainedModel } from '@transfusion/pipelines';
import type { Measure, MeasureGroup } from '../measure.js';
import { medianOf } from '../statistics.js';
import { sampled } from './rate-groups.js';

/** Lengths of a task, in tokens. */
export interface ChoiceTask {
  readonly name: string;
  readonly label: string;
  readonly numQuestions: number;
  readonly numChoices: number;
  /** Of what all questions begin with, such as examples. */
  readonly promptLength: number;
  readonly contextLength: number;
  readonly choiceLength: number;
  /** Least ratio of the two rates. */
  readonly ratioFloor: number;
}

/** Measures tasks; a byte is a token. */
export async function measureChoices(
  trained: TrainedModel,
  tasks: readonly ChoiceTask[],
  rounds: number,
): Promise<MeasureGroup> {
  const measures: Measure[] = [];
  for (const task of tasks) {
    const rates: Record<'shared' | 'alone', number[]> = { shared: [], alone: [] };
    // The first round compiles the graphs, and is not counted.
    for (let round = 0; round <= rounds; round++) {
      for (const way of ['alone', 'shared'] as const) {
        const rate = await questionRate(trained, task, way === 'shared');
        if (round > 0) rates[way].push(rate);
      }
    }
    const { name, label, numChoices, promptLength, contextLength, choiceLength } = task;
    const ratio = medianOf(rates.shared) / medianOf(rates.alone);
    measures.push(
      {
        ...sampled(`choice.${name}`, label, rates.shared, 'questions/s'),
        note: `${numChoices} choices of ${choiceLength} tokens after ${promptLength + contextLength}`,
      },
      sampled(`choice.${name}.alone`, '  each choice from its beginning', rates.alone, 'questions/s'),
      {
        ...sampled(`choice.${name}.ratio`, '  ratio', [ratio], ''),
        floor: { atLeast: task.ratioFloor },
        note: `at most ${tokenRatio(task).toFixed(2)} by the number of tokens`,
      },
    );
  }
  return { title: 'Multiple choice by log-likelihood, 40M preset', measures };
}

/** Tokens without shared beginnings, over those with them. */
function tokenRatio(task: ChoiceTask): number {
  const { numQuestions, numChoices, promptLength, contextLength, choiceLength } = task;
  const alone = numQuestions * numChoices * (promptLength + contextLength + choiceLength);
  return alone / (promptLength + numQuestions * (contextLength + numChoices * choiceLength));
}

/** Time from the first score, after the graphs are compiled, to the last one. */
async function questionRate(
  trained: TrainedModel,
  task: ChoiceTask,
  sharePrefixes: boolean,
): Promise<number> {
  // A short question, for which the graphs are compiled.
  const warmUp = [{ context: 'a', continuation: ' b' }];
  let started = 0;
  async function* requests(): AsyncGenerator<LogLikelihoodRequest> {
    yield* warmUp;
    // More of the same context than a batch holds.
    for (let i = 0; i < 31; i++) yield* warmUp;
    yield* choiceRequests(task);
  }
  let count = 0;
  for await (const { numTokens } of logLikelihoods(trained, requests(), { sharePrefixes })) {
    count += Math.sign(numTokens);
    if (count === 32) started = performance.now();
  }
  return (1000 * task.numQuestions) / (performance.now() - started);
}

function* choiceRequests(task: ChoiceTask): Generator<LogLikelihoodRequest> {
  const { numQuestions, numChoices, promptLength, contextLength, choiceLength } = task;
  for (let question = 0; question < numQuestions; question++) {
    const context = letters(promptLength, 0) + letters(contextLength, question + 1);
    for (let choice = 0; choice < numChoices; choice++) {
      yield { context, continuation: ` ${letters(choiceLength - 1, question + 7 * choice)}` };
    }
  }
}

function letters(length: number, seed: number): string {
  return Array.from({ length }, (_, i) => String.fromCharCode(97 + ((i * 7 + seed) % 26))).join('');
}
