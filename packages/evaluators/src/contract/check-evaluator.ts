import { TransfusionError } from '@transfusion/errors';
import type { Evaluator } from './evaluator.js';
import type { Predictors } from './predictors.js';

/** Functions of the contract. */
const FUNCTIONS = ['examples', 'evaluate', 'summarize'] as const;

/**
 * Checks the fields of an evaluator, and that the model offers what it needs.
 *
 * @throws TransfusionError `invalid-plugin` for a wrong field, `invalid-argument` for a prediction function that is missing
 */
export function checkEvaluator(evaluator: Evaluator, predict?: Partial<Predictors>): void {
  const { name, specificationVersion, needs, provenance } = evaluator as Partial<Evaluator>;
  if (typeof name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    throw wrongField(String(name), 'name', name, "a name in kebab-case, such as 'image-captions'");
  }
  if (specificationVersion !== 'v1') {
    throw wrongField(
      name,
      'specificationVersion',
      specificationVersion,
      "'v1': use the versions that belong together",
    );
  }
  if (!Array.isArray(needs)) throw wrongField(name, 'needs', needs, 'a list of prediction functions');
  if (typeof provenance !== 'object' || provenance === null) {
    throw wrongField(
      name,
      'provenance',
      provenance,
      'an object, {} if the numbers depend on the model alone',
    );
  }
  for (const field of FUNCTIONS) {
    if (typeof evaluator[field] !== 'function') throw wrongField(name, field, evaluator[field], 'a function');
  }
  if (predict === undefined) return;
  const missing = (needs as readonly (keyof Predictors)[]).filter(
    (need) => typeof predict[need] !== 'function',
  );
  if (missing.length === 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `evaluator '${name}' needs the prediction functions ${missing.join(', ')}, which this model does not have; ` +
      `it has ${Object.keys(predict).join(', ') || 'none'}. Evaluate a model that has them.`,
  );
}

function wrongField(name: string, field: string, found: unknown, expected: string): TransfusionError {
  const shown = typeof found === 'string' ? `'${found}'` : String(found);
  return new TransfusionError(
    'invalid-plugin',
    `evaluator '${name}': ${field} is ${shown}, expected ${expected}.`,
  );
}
