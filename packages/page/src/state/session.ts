/** The newest request: sends it, follows its reply, stops it. */
import { effect, signal } from '@preact/signals';
import { BackendError, type GenerationEvent } from '../api/backend.js';
import { attachments } from './attachments.js';
import { backend } from './backend.js';
import { connection, followConnection, model, reportConnectionError } from './connection.js';
import { settings } from './current-settings.js';
import { addToGallery, selectedId } from './gallery.js';
import { notify } from './notices.js';
import { place, runOnServer } from './place.js';
import { finishedReply, isRunning, startReply, withReplyEvent, type Reply } from './reply.js';
import { requestOf } from './request-of.js';

const SEEDS = 2 ** 32;

/** Reply to the newest request. */
export const reply = signal<Reply | undefined>(undefined);

let controller: AbortController | undefined;

// The browser has one model. Another one that is chosen is the server's, when the reply that runs has ended.
effect(() => {
  const { value: where } = place;
  if (where.at === 'server' || isRunning(reply.value) || !model.value) return;
  if (where.model === model.value.name) return;
  runOnServer();
  notify(`The server generates: this browser has '${where.model}' alone.`);
});

/** Sends a request with the current settings and images; does nothing while one runs. */
export async function generate(): Promise<void> {
  if (isRunning(reply.value) || !canGenerate()) return;
  const { seed = Math.floor(Math.random() * SEEDS) } = settings.value;
  const asked = { ...settings.value, seed, model: model.value?.name ?? settings.value.model };
  const images = attachments.value;
  const inBrowser = place.value.at === 'browser' ? place.value.runs : undefined;
  controller = new AbortController();
  const { signal: aborted } = controller;
  reply.value = startReply(asked, images.length, inBrowser !== undefined);
  selectedId.value = undefined;
  const sentAt = performance.now();
  const pending: (readonly [event: GenerationEvent, at: number])[] = [];
  // Events come faster than frames: the page is rendered once for all of a frame.
  const flush = (): void => {
    reply.value = pending
      .splice(0)
      .reduce((before, [event, at]) => withReplyEvent(before, event, at), reply.value!);
  };
  try {
    const request = await requestOf(asked, images);
    for await (const event of (inBrowser ?? backend).generate(request, aborted)) {
      if (pending.push([event, performance.now() - sentAt]) === 1) inNextFrame(flush);
    }
    flush();
  } catch (error) {
    flush();
    reply.value = failedReply(reply.value, error, aborted);
    if (isConnectionError(error)) {
      reportConnectionError(error);
      void followConnection();
    }
  }
  const finished = finishedReply(reply.value);
  if (finished !== undefined) await addToGallery(finished);
}

/** Ends the running request at the next step. */
export function stop(): void {
  controller?.abort(new DOMException('Stopped.', 'AbortError'));
}

/** Returns true if there is a model, and something to generate from. */
export function canGenerate(): boolean {
  const hasPrompt = settings.value.prompt.trim() !== '' || attachments.value.length > 0;
  if (place.value.at === 'browser') return hasPrompt;
  return hasPrompt && connection.value !== 'connecting' && connection.value !== 'locked';
}

function failedReply(before: Reply, error: unknown, aborted: AbortSignal): Reply {
  if (aborted.aborted) return { ...before, status: 'stopped' };
  return { ...before, status: 'failed', error: error instanceof Error ? error.message : String(error) };
}

function isConnectionError(error: unknown): boolean {
  return error instanceof BackendError && (error.kind === 'key' || error.kind === 'unreachable');
}

/** A hidden page has no frames. */
function inNextFrame(run: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(run);
  else run();
}
