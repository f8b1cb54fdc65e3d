/** Documents of a multiple-choice task as examples: their requests as lm-evaluation-harness makes them. */
import { TransfusionError } from '@transfusion/errors';
import type { ChoiceExample } from '../text/multiple-choice.js';
import type { TaskConfig } from './task-config.js';
import { compileTemplate, type TaskDocument } from './template.js';

/** A document with its templates filled in. */
interface FilledDocument {
  /** The context, or the contexts of a task whose choices are those (`doc_to_text` is the index of the right one). */
  readonly text: string | readonly string[];
  readonly choices: readonly string[];
  readonly answers: readonly number[];
  /** Continuation of all contexts, or the right choice. */
  readonly target: string;
}

/** Makes examples of a task's documents. */
export interface ChoiceTask {
  /**
   * @param shots documents that come before it, with their answers
   * @param where the document in errors, such as `rows.jsonl, document 3`
   */
  toExample(document: TaskDocument, shots: readonly TaskDocument[], where: string): ChoiceExample;
}

/**
 * Compiles a task's templates.
 *
 * @throws TransfusionError `invalid-file` for a template that cannot be parsed; from `toExample` `invalid-record` for a
 *   document without the fields, choices or answer that it needs
 */
export function choiceTask(config: TaskConfig): ChoiceTask {
  const { file, targetDelimiter, fewshotDelimiter } = config;
  const fill = (field: string, source: string | number | readonly string[] | undefined): FieldValue =>
    fieldValue(`${file}: ${field}`, source);
  const textOf = fill('doc_to_text', config.docToText);
  const targetOf = fill('doc_to_target', config.docToTarget);
  const choicesOf = fill('doc_to_choice', config.docToChoice);
  const descriptionOf = compileTemplate(config.description, `${file}: description`);

  const filled = (document: TaskDocument, where: string): FilledDocument => {
    const choices = listOf(choicesOf(document, where), `${file}: doc_to_choice`, where);
    const text = integerOf(textOf(document, where));
    const target = integerOf(targetOf(document, where));
    const right = typeof text === 'number' ? text : target;
    const answers = (Array.isArray(right) ? right : [right]).map((answer: unknown) =>
      indexIn(choices, answer),
    );
    if (answers.length === 0 || answers.includes(-1)) {
      throw new TransfusionError(
        'invalid-record',
        `${file}: doc_to_target: ${where} has the answer ${JSON.stringify(right)}, expected one of its ${choices.length} choices, or their number from 0. Correct the template, or the data.`,
      );
    }
    return typeof text === 'number'
      ? { text: choices, choices, answers, target: String(target) }
      : { text: String(text), choices, answers, target: choices[answers[0]] };
  };

  return {
    toExample: (document, shots, where) => {
      const before = shots.map((shot) => {
        const { text, answers, target } = filled(shot, `an example for ${where}`);
        const question = typeof text === 'string' ? text : text[answers[0]];
        return `${question}${targetDelimiter}${target}${fewshotDelimiter}`;
      });
      const prefix = descriptionOf(document, where) + before.join('');
      const { text, choices, answers, target } = filled(document, where);
      const requests = choices.map((choice, i) =>
        typeof text === 'string'
          ? { context: prefix + text, continuation: targetDelimiter + choice }
          : { context: prefix + text[i], continuation: targetDelimiter + target },
      );
      return { requests, choices, answers };
    },
  };
}

/** Computes a field's value for a document. */
type FieldValue = (document: TaskDocument, where: string) => unknown;

/** A field is the name of a document's field, a template, or the value itself. */
function fieldValue(where: string, source: string | number | readonly string[] | undefined): FieldValue {
  if (typeof source !== 'string') return () => source;
  const template = compileTemplate(source, where);
  return (document, name) => (Object.hasOwn(document, source) ? document[source] : template(document, name));
}

/** Reads an integer, also one in a text, and the number of a truth value. */
function integerOf(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}

function indexIn(choices: readonly string[], answer: unknown): number {
  const index = integerOf(answer);
  if (typeof index === 'number') return index in choices ? index : -1;
  return choices.indexOf(String(answer));
}

/** Reads a list, also one that a template has written, as JSON or in Python's spelling. */
function listOf(value: unknown, field: string, where: string): readonly string[] {
  const list = typeof value === 'string' ? parsedList(value) : value;
  if (Array.isArray(list) && list.length > 0) return list.map(String);
  throw new TransfusionError(
    'invalid-record',
    `${field}: ${where} has ${JSON.stringify(value)}, expected a list of choices. Correct the template, or the data.`,
  );
}

function parsedList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A list in single quotes is one in the language of templates, too.
  }
  try {
    return JSON.parse(compileTemplate(`{{ ${text} }}`, 'list')({}, 'list'));
  } catch {
    return undefined;
  }
}
