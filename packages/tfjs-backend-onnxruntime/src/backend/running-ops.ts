import * as tf from '@transfusion/tfjs';

const RANDOM_OPS: ReadonlySet<string> = new Set([
  'multinomial',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
]);

/**
 * Returns the TensorFlow.js ops that are running, innermost first, from its scope stack
 * (`tf.engine().state.scopeStack`; op scopes are named `<op>__op`).
 */
function runningOps(): string[] {
  const names: string[] = [];
  for (const { name } of tf.engine().state.scopeStack) {
    if (name.endsWith('__op')) names.unshift(name.slice(0, -'__op'.length));
  }
  return names;
}

/** Returns the op that the program called: the outermost one that is running, if any. */
export function calledOp(): string | undefined {
  const name = runningOps().at(-1);
  return name === undefined ? undefined : `tf.${name}`;
}

/** Returns the op or tensor method that the program called to read a value. */
export function calledReader(): string {
  const methods = (new Error().stack ?? '').matchAll(/ (?:Tensor|Variable)(?:\.Tensor)?\.(\w+)/g);
  const method = [...methods].at(-1)?.[1];
  return calledOp() ?? (method === undefined ? 'the function' : `${method}()`);
}

/** Returns true while an op runs that generates random numbers in JavaScript. */
export function isGeneratingRandomNumbers(): boolean {
  return runningOps().some((name) => RANDOM_OPS.has(name));
}
