/** Validation of the options for tokens: the modalities that they may be of, biases, stop strings. */
import { checkFields } from '@transfusion/errors';
import type { DiscreteModality, Modality, ModalityRegistry } from '@transfusion/modality';
import { checkCondition, checkIsArray } from './check-condition.js';
import { logitBiasFields } from './request-fields.js';
import type { GenerationRequest } from './request.js';
import type { LogitBias } from './sample-token.js';
import { hasTextValues } from './stop-strings.js';

/** @throws TransfusionError `not-found` or `invalid-argument` for a request that cannot be met */
export function checkTokens(
  modalities: ModalityRegistry,
  { tokenModalities, maxTokens = 256, stop, tokenSampling: { logitBias } = {} }: GenerationRequest,
): void {
  if (tokenModalities !== undefined) checkTokenModalities(modalities, tokenModalities, maxTokens);
  if (logitBias !== undefined) {
    checkIsArray('generate', 'logitBias', logitBias);
    logitBias.forEach((bias, i) => checkLogitBias(modalities, bias, `logitBias[${i}]`));
  }
  const allowed = modalities.discrete.filter(({ name }) => tokenModalities?.includes(name) ?? true);
  if (stop !== undefined) checkStop(allowed, stop);
}

function checkTokenModalities(
  modalities: ModalityRegistry,
  names: readonly string[],
  maxTokens: number,
): void {
  checkIsArray('generate', 'tokenModalities', names);
  checkCondition(names.length > 0, 'tokenModalities is empty, expected at least one. Omit it to allow all');
  for (const name of names) {
    const { kind } = modalities.get(name) as Modality;
    checkCondition(
      kind === 'discrete',
      `tokenModalities has '${name}', which is continuous, expected discrete modalities. Use firstSpan for spans`,
    );
  }
  const quoted = names.map((name) => `'${name}'`).join(', ');
  checkCondition(maxTokens > 0, `maxTokens is 0, expected at least 1 to generate tokens of ${quoted}`);
}

function checkLogitBias(modalities: ModalityRegistry, logitBias: LogitBias, where: string): void {
  checkFields(`generate: ${where}`, logitBias, logitBiasFields);
  const { modality: name, id, bias } = logitBias;
  const modality = modalities.get(name) as Modality;
  checkCondition(
    modality.kind === 'discrete',
    `${where}.modality is '${name}', which is continuous, expected a discrete modality`,
  );
  const { vocabSize } = modality as DiscreteModality;
  checkCondition(
    Number.isInteger(id) && id >= 0 && id < vocabSize,
    `${where}.id is ${id}, expected an id of '${name}': 0 to ${vocabSize - 1}`,
  );
  // NaN is not below Infinity.
  checkCondition(
    Math.fround(bias) < Infinity,
    `${where}.bias is ${bias}, expected a number that float32 holds, or -Infinity to forbid the token`,
  );
}

function checkStop(allowed: readonly DiscreteModality[], stop: readonly string[]): void {
  checkIsArray('generate', 'stop', stop);
  for (const [i, text] of stop.entries()) {
    checkCondition(
      typeof text === 'string' && text !== '',
      `stop[${i}] is ${JSON.stringify(text)}, expected a string that is not empty`,
    );
  }
  const names = allowed.map(({ name }) => `'${name}'`).join(', ') || 'none';
  checkCondition(
    stop.length === 0 || allowed.some(hasTextValues),
    `stop is set, but no modality of the generated tokens (${names}) has values that are strings. Omit it`,
  );
}
