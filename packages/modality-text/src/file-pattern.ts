/** Patterns of a `tokenizer.json`: `{ "String": … }` or `{ "Regex": … }`, in Oniguruma's dialect. */
import { TransfusionError } from '@transfusion/errors';
import { SplitPreTokenizer } from './huggingface-library.js';
import { invalidTokenizer } from './tokenizer-json.js';

/** Throws `invalid-file` for what is no pattern, and for one that may take for ever. */
export function compilePattern(pattern: unknown, where: string): RegExp {
  const { String: text, Regex: source } = Object(pattern) as { String?: unknown; Regex?: unknown };
  if (typeof text === 'string' && text !== '') {
    // Lone surrogates are in no text.
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gu');
  }
  if (typeof source !== 'string') {
    return invalidTokenizer(
      where,
      `found the pattern ${JSON.stringify(pattern)}, expected a String or a Regex`,
    );
  }
  if (repeatsRepeats(source)) {
    return invalidTokenizer(
      where,
      `the pattern ${JSON.stringify(source)} repeats what repeats without end, which may take for ever`,
    );
  }
  // The library translates the dialect.
  try {
    return new SplitPreTokenizer({ pattern: { Regex: source } }).pattern;
  } catch (cause) {
    const problem = `the pattern ${JSON.stringify(source)} is no regular expression that can be read`;
    return invalidTokenizer(where, problem, cause);
  }
}

/** Returns true if a step has a regular expression of the file's own. */
export function hasRegex(step: unknown): boolean {
  if (typeof step !== 'object' || step === null) return false;
  return 'Regex' in step || Object.values(step).some(hasRegex);
}

/** Repeats up to this number are harmless. */
const MAX_REPEATS = 8;

/** Returns true for a group repeated many times that holds a repeat without end, such as `(a+)+` and `(a*b?){9,}`. */
export function repeatsRepeats(source: string): boolean {
  /** For each open group: does it hold a repeat without end? */
  const groups = [false];
  for (let i = 0; i < source.length;) {
    let isEndless = false;
    if (source[i] === '(') {
      groups.push(false);
      i++;
      continue;
    }
    if (source[i] === ')') {
      isEndless = groups.length > 1 && groups.pop()!;
      i++;
    } else {
      i = endOfAtom(source, i);
    }
    for (let quantifier; (quantifier = quantifierAt(source, i)) !== undefined; i = quantifier.end) {
      if (isEndless && quantifier.max > MAX_REPEATS) return true;
      isEndless ||= quantifier.max === Infinity;
    }
    if (isEndless) groups[groups.length - 1] = true;
  }
  return false;
}

function endOfAtom(source: string, start: number): number {
  if (source[start] === '\\') return start + 2;
  if (source[start] !== '[') return start + 1;
  let depth = 0;
  for (let i = start; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '[') depth++;
    else if (source[i] === ']' && --depth === 0) return i + 1;
  }
  return source.length;
}

function quantifierAt(source: string, at: number): { max: number; end: number } | undefined {
  if (source[at] === '*' || source[at] === '+') return { max: Infinity, end: at + 1 };
  if (source[at] === '?') return { max: 1, end: at + 1 };
  const [all, least, comma, most] = /^\{(\d*)(,?)(\d*)\}/.exec(source.slice(at, at + 40)) ?? [];
  if (all === undefined || (least === '' && most === '')) return undefined;
  return { max: most !== '' ? Number(most) : comma === '' ? Number(least) : Infinity, end: at + all.length };
}

/** Absent in browsers, which stop a page's worker instead. */
const vm = globalThis.process?.getBuiltinModule?.('node:vm');
const context = vm?.createContext({ run: undefined as (() => void) | undefined });
const script = vm && new vm.Script('run()');

/** Far above what encoding takes on a slow machine. */
const [BASE_MS, MS_PER_CHARACTER] = [2000, 0.05];

/**
 * Runs what applies a file's regular expressions to a text, and stops it if they take much longer than any good
 * tokenizer's: some take a time that grows with a power of the text's length, or worse.
 */
export function runWithinTime<T>(where: string, length: number, run: () => T): T {
  if (script === undefined || context === undefined) return run();
  let result: T;
  context.run = () => (result = run());
  const timeout = Math.ceil(BASE_MS + MS_PER_CHARACTER * length);
  const begun = process.cpuUsage();
  try {
    try {
      script.runInContext(context, { timeout });
    } catch (error) {
      const { user, system } = process.cpuUsage(begun);
      // The process was stopped, or the machine is busy: one more chance.
      if (!isTimeout(error) || user + system > (timeout * 1000) / 2) throw error;
      script.runInContext(context, { timeout });
    }
    return result!;
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new TransfusionError(
      'invalid-file',
      `${where}: its regular expressions take more than ${timeout} ms on a text of ${length} characters. ` +
        'Use another tokenizer, or shorter texts.',
      { cause: error },
    );
  } finally {
    context.run = undefined;
  }
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
