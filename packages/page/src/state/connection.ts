/** The models, and whether they can be asked. */
import { computed, signal } from '@preact/signals';
import { BackendError, type ModelInfo } from '../api/backend.js';
import { apiKey, asksForKey } from './api-key.js';
import { backend } from './backend.js';
import { settings } from './current-settings.js';
import { place, type Place } from './place.js';

/** State of the connection. */
export type Connection = 'connecting' | 'loading' | 'ready' | 'offline' | 'locked';

const RETRY_MILLISECONDS = 1500;
const CHECK_MILLISECONDS = 20_000;

/** State of the connection. */
export const connection = signal<Connection>('connecting');

/** Reason why the connection is not ready, in the words of the backend. */
export const connectionProblem = signal('');

/** All models. */
export const models = signal<readonly ModelInfo[]>([]);

/** The model that requests go to; undefined until models are known. */
export const model = computed(() => {
  const chosen = models.value.find(({ name }) => name === settings.value.model) ?? models.value[0];
  return chosen && atPlace(chosen, place.value);
});

/** Returns the model as it is where it runs: in the browser it has fewer samplers. */
function atPlace(info: ModelInfo, where: Place): ModelInfo {
  if (where.at !== 'browser' || where.model !== info.name || info.denoising === undefined) return info;
  const { schedulers, stepCounts } = where.runs;
  return { ...info, denoising: { ...info.denoising, schedulers, scheduler: schedulers[0], stepCounts } };
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the models now, and again and again: soon while they are not ready, rarely when they are. */
export async function followConnection(): Promise<void> {
  clearTimeout(timer);
  await checkConnection();
  clearTimeout(timer);
  const wait = connection.value === 'ready' ? CHECK_MILLISECONDS : RETRY_MILLISECONDS;
  if (connection.value !== 'locked') timer = setTimeout(() => void followConnection(), wait);
}

async function checkConnection(): Promise<void> {
  try {
    const found = await backend.models(AbortSignal.timeout(10_000));
    models.value = found;
    connection.value = found.every(({ modalities }) => modalities !== undefined) ? 'ready' : 'loading';
    connectionProblem.value = '';
  } catch (error) {
    reportConnectionError(error);
  }
}

/** Takes note of a failed request, if it was the connection's fault. */
export function reportConnectionError(error: unknown): void {
  const kind = error instanceof BackendError ? error.kind : 'unreachable';
  if (kind === 'key') {
    connection.value = 'locked';
    asksForKey.value = true;
    connectionProblem.value = apiKey.value === undefined ? '' : 'The server does not know this key.';
  } else {
    connection.value = kind === 'busy' ? 'loading' : 'offline';
    connectionProblem.value = error instanceof Error ? error.message : String(error);
  }
}
