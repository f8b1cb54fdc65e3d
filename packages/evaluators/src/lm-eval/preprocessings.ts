/** Preprocessing of documents, which lm-evaluation-harness does in Python: by name, in the field `preprocess`. */
import { TransfusionError } from '@transfusion/errors';
import type { TaskDocument } from './template.js';

type Preprocessing = (document: TaskDocument, where: string) => TaskDocument;

/**
 * HellaSwag (Zellers et al. 2019): adds `query`, `choices` and `gold` without the marks of WikiHow's pages.
 * Fields: `activity_label`, `ctx_a`, `ctx_b`, `endings`, `label`.
 */
const hellaswag: Preprocessing = (document, where) => {
  const text = (name: string): string => textField(document, name, where);
  const { endings, label } = document;
  if (!Array.isArray(endings)) throw wrongField(document, 'endings', 'a list of texts', where);
  const context = `${text('ctx_a')} ${capitalized(text('ctx_b'))}`;
  return {
    ...document,
    query: withoutMarks(`${text('activity_label')}: ${context}`),
    choices: endings.map((ending) => withoutMarks(String(ending))),
    gold: Number(label),
  };
};

/**
 * WinoGrande (Sakaguchi et al. 2020), by partial evaluation: adds `choices`, the sentence up to the blank with each option
 * in it, `ending`, the rest of the sentence, and `gold`. Fields: `sentence`, `option1`, `option2`, `answer`.
 */
const winogrande: Preprocessing = (document, where) => {
  const text = (name: string): string => textField(document, name, where);
  const sentence = text('sentence');
  const blank = sentence.indexOf('_');
  if (blank < 0) throw wrongField(document, 'sentence', "a text with a blank '_'", where);
  const gold = ['1', '2'].indexOf(String(document.answer));
  if (gold < 0) throw wrongField(document, 'answer', "'1' or '2'", where);
  return {
    ...document,
    choices: [text('option1'), text('option2')].map((option) => sentence.slice(0, blank) + option),
    ending: sentence.slice(blank + 1).trim(),
    gold,
  };
};

/** Preprocessings by name. */
export const preprocessings = { hellaswag, winogrande };
export type PreprocessingName = keyof typeof preprocessings;

function withoutMarks(text: string): string {
  return text
    .trim()
    .replaceAll(' [title]', '. ')
    .replace(/\[.*?\]/g, '')
    .replaceAll('  ', ' ');
}

/** Makes the first letter a capital and all others small, as Python's `capitalize`. */
function capitalized(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}

function textField(document: TaskDocument, name: string, where: string): string {
  const value = document[name];
  if (typeof value === 'string') return value;
  throw wrongField(document, name, 'a text', where);
}

function wrongField(document: TaskDocument, name: string, expected: string, where: string): TransfusionError {
  const found = JSON.stringify(document[name]) ?? 'missing';
  return new TransfusionError(
    'invalid-record',
    `${where}: ${name} is ${found}, expected ${expected}. Correct the data.`,
  );
}
