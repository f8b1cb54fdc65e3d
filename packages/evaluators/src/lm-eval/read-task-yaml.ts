import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { parseDocument } from 'yaml';

/** A value that Python would compute. */
interface PythonFunction {
  readonly pythonFunction: string;
}

/** Depth of files that include each other. */
const MAX_INCLUDES = 8;

/**
 * Reads a task's fields, with those of the file that it includes beneath its own.
 *
 * @throws TransfusionError `not-found` if there is no file; `invalid-file` for anything but YAML fields, and for a field that
 *   is computed by Python
 */
export async function readTaskYaml(path: string, depth = 0): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TransfusionError('not-found', `${path}: the task cannot be read. Fix the path.`, { cause });
  });
  const document = parseDocument(text, {
    customTags: [
      { tag: '!function', resolve: (pythonFunction: string): PythonFunction => ({ pythonFunction }) },
    ],
  });
  const [error] = document.errors;
  if (error !== undefined)
    throw wrongFile(path, `found no YAML (${error.message.split('\n')[0]})`, 'fields of a task');
  const found: unknown = document.toJS();
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw wrongFile(path, `found ${Array.isArray(found) ? 'a list' : typeof found}`, 'fields of a task');
  }
  const { include, ...own } = found as Record<string, unknown>;
  for (const [name, value] of Object.entries(own)) checkNoPython(path, name, value);
  if (include === undefined) return own;
  if (typeof include !== 'string' || depth >= MAX_INCLUDES) {
    throw wrongFile(
      path,
      `include is ${JSON.stringify(include)}`,
      'the path of one file, which does not include this one',
    );
  }
  return { ...(await readTaskYaml(resolve(dirname(path), include), depth + 1)), ...own };
}

function checkNoPython(path: string, name: string, value: unknown): void {
  const { pythonFunction } = Object(value) as Partial<PythonFunction>;
  if (pythonFunction === undefined) return;
  throw wrongFile(
    path,
    `${name} is the Python function '${pythonFunction}' (!function), which cannot run here`,
    'a template, or the name of a field',
    "Write it as a template, or see 'preprocess'.",
  );
}

function wrongFile(
  path: string,
  found: string,
  expected: string,
  advice = 'Correct the file.',
): TransfusionError {
  return new TransfusionError('invalid-file', `${path}: ${found}, expected ${expected}. ${advice}`);
}
