/** Templates of tasks: Jinja, as lm-evaluation-harness sets it up, where a variable that is missing is an error. */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { TransfusionError } from '@transfusion/errors';
import { callsOfIndex, requiredPaths } from './template-paths.js';

/** A document of a task's data. */
export type TaskDocument = Readonly<Record<string, unknown>>;

/** Fills in a template; `where` names the document in errors. */
export type TaskTemplate = (document: TaskDocument, where: string) => string;

/**
 * Compiles a template. Lists are written as JSON; `list.index(value)` is Python's.
 *
 * @param where file and field, for messages
 * @throws TransfusionError `invalid-file` for a template that cannot be parsed; when filled in, `invalid-record` for a field
 *   that the document lacks
 */
export function compileTemplate(source: string, where: string): TaskTemplate {
  const fail = (
    code: 'invalid-file' | 'invalid-record',
    problem: string,
    cause?: unknown,
  ): TransfusionError => new TransfusionError(code, `${where}: ${problem}`, { cause });
  // The parser drops one newline at the end, which tasks keep.
  const text = source.endsWith('\n') ? `${source}\n` : source;
  let program: ReturnType<typeof parse>;
  try {
    program = callsOfIndex(parse(tokenize(text)));
  } catch (cause) {
    throw fail('invalid-file', `the template cannot be parsed: ${(cause as Error).message}.`, cause);
  }
  const paths = requiredPaths(program);
  return (document, name) => {
    for (const path of paths) {
      if (hasPath(document, path)) continue;
      throw fail(
        'invalid-record',
        `${name} has no field '${path.join('.')}', only ${Object.keys(document).join(', ')}. Correct the template, or the data.`,
      );
    }
    const environment = new Environment();
    for (const [key, value] of Object.entries({ ...globals, ...document })) environment.set(key, value);
    try {
      return (new Interpreter(environment).run(program) as unknown as { value: string }).value;
    } catch (cause) {
      throw fail('invalid-record', `${name}: ${(cause as Error).message}.`, cause);
    }
  };
}

/** Values that templates have besides the document's fields. */
const globals = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  index_of: (list: string | readonly { value: unknown }[], item: unknown): number => {
    const index =
      typeof list === 'string' ? list.indexOf(String(item)) : list.findIndex(({ value }) => value === item);
    if (index < 0) throw new Error(`${JSON.stringify(item)} is not in the list`);
    return index;
  },
};

/** Returns whether a document has a field, down to where it is no plain object. */
function hasPath(document: TaskDocument, path: readonly string[]): boolean {
  let at: unknown = document;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return at !== undefined;
    if (!Object.hasOwn(at, name) && !(at === document && Object.hasOwn(globals, name))) return false;
    at = (at as TaskDocument)[name];
  }
  return true;
}
