/** Validation of the modalities of a request, and of the options for tokens: biases, stop strings. */
import { checkFields } from '@transfusion/errors';
import type { DiscreteModality, Modality, ModalityRegistry } from '@transfusion/modality';
import { checkCondition, checkIsArray } from './check-condition.js';
import { logitBiasFields } from './request-fields.js';
import type { GenerationRequest } from './request.js';
import type { LogitBias } from './sample-token.js';
import { hasTextValues } from './stop-strings.js';

/** @throws TransfusionError `not-found` or `invalid-argument` for a request that cannot be met */
export function checkTokens(modalities: ModalityRegistry, request: GenerationRequest): void {
  const { modalities: names, stop, tokenSampling: { logitBias } = {} } = request;
  if (names !== undefined) checkModalities(modalities, names, request);
  if (logitBias !== undefined) {
    checkIsArray('generate', 'logitBias', logitBias);
    logitBias.forEach((bias, i) => checkLogitBias(modalities, bias, `logitBias[${i}]`));
  }
  const allowed = modalities.discrete.filter(({ name }) => names?.includes(name) ?? true);
  if (stop !== undefined) checkStop(allowed, stop);
}

function checkModalities(
  modalities: ModalityRegistry,
  names: readonly string[],
  { minTokens = 0, maxTokens = 256, maxSpans = 1 }: GenerationRequest,
): void {
  checkIsArray('generate', 'modalities', names);
  checkCondition(names.length > 0, 'modalities is empty, expected at least one. Omit it to allow all');
  const kinds = new Set(names.map((name) => (modalities.get(name) as Modality).kind));
  const quoted = names.map((name) => `'${name}'`).join(', ');
  checkCondition(
    kinds.has('continuous') || maxTokens > 0,
    `maxTokens is 0, expected at least 1 to generate tokens of ${quoted}`,
  );
  if (kinds.has('discrete')) return;
  checkCondition(maxSpans > 0, `maxSpans is 0, expected at least 1 to generate spans of ${quoted}`);
  checkCondition(
    Math.min(minTokens, maxTokens) === 0,
    `minTokens is ${minTokens}, expected 0: modalities has ${quoted}, none of which is discrete`,
  );
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
