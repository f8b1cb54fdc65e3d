/**
 * The fields of a modality, which registry and conformance suites check alike: plug-ins are written by others, maybe
 * without types.
 */
import { TransfusionError } from '@transfusion/errors';
import { checkContinuousFields } from './check-continuous-fields.js';
import { checkConfig, checkField, checkFunctions, isPositiveInteger, type Fields } from './check-field.js';
import { checkMedia } from './check-media.js';
import { checkSpecificationVersion } from './check-specification-version.js';

/** Names that are reserved in logs, loss counts and weights, and as outputs of generation; with their meanings. */
const RESERVED_NAMES: Readonly<Record<string, string>> = {
  tokens: 'all discrete modalities together',
  loss: 'the loss of all modalities together',
  document: 'documents of all modalities',
};

/**
 * Checks the fields of a modality, without running what needs weights. A newer minor version of the contract warns.
 *
 * @throws TransfusionError `invalid-argument` for the first field that is wrong, with modality, field, found and expected;
 *   `mismatch` for a kind, or a major version of the contract, that there is not
 */
export function checkModality(modality: object): void {
  const fields = modality as Fields;
  const { name, kind } = fields;
  checkName(name);
  checkSpecificationVersion(name, 'specificationVersion', fields['specificationVersion']);
  if (kind !== 'discrete' && kind !== 'continuous') {
    throw new TransfusionError(
      'mismatch',
      `modality '${String(name)}': kind is ${typeof kind === 'string' ? `'${kind}'` : String(kind)}, expected ` +
        "'discrete' or 'continuous'. Choose one of them.",
    );
  }
  checkFunctions(name, '', fields, ['accepts'], ['assets', 'dispose']);
  checkConfig(name, 'config', fields['config']);
  if (fields['media'] !== undefined) checkMedia(name, fields['media']);
  if (kind === 'discrete') checkDiscrete(name, fields);
  else checkContinuousFields(name, fields);
}

function checkName(name: unknown): void {
  checkField(name, typeof name === 'string' && /^[a-z][a-z0-9-]*$/.test(name), {
    field: 'name',
    value: name,
    expected: "lower-case letters, digits and '-', beginning with a letter",
    remedy: 'Rename it.',
  });
  if (!Object.hasOwn(RESERVED_NAMES, name as string)) return;
  throw new TransfusionError(
    'invalid-argument',
    `modality '${String(name)}': the name is reserved for ${RESERVED_NAMES[name as string]}. Choose a different one.`,
  );
}

function checkDiscrete(name: unknown, fields: Fields): void {
  const { id, vocabSize, tokensPerValue } = fields;
  checkFunctions(name, '', fields, ['encode', 'decode']);
  checkField(name, isPositiveInteger(vocabSize), {
    field: 'vocabSize',
    value: vocabSize,
    expected: 'a positive integer',
    remedy: 'Set it to the number of ids that encode() returns.',
  });
  checkField(name, id === undefined || (typeof id === 'string' && id !== ''), {
    field: 'id',
    value: id,
    expected: 'a string that is not empty',
    remedy: 'Identify the meaning of ids, or leave it out.',
  });
  checkField(name, tokensPerValue === undefined || isPositiveInteger(tokensPerValue), {
    field: 'tokensPerValue',
    value: tokensPerValue,
    expected: 'a positive integer',
    remedy: 'Leave it out if values differ in length.',
  });
}
