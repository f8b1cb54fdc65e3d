/** The place where replies are generated: the server, or this browser. */
import { signal } from '@preact/signals';
import type { BrowserModel } from '../browser/browser-model.js';
import type { ModelInfo } from '../api/backend.js';
import { apiKey } from './api-key.js';
import { notify } from './notices.js';

/** The place where replies are generated; while a model is loaded into the browser, the server still is. */
export type Place =
  | { readonly at: 'server'; readonly problem?: string }
  | { readonly at: 'loading'; readonly model: string; readonly loaded: number; readonly total: number }
  | { readonly at: 'browser'; readonly model: string; readonly runs: BrowserModel };

/** The place. */
export const place = signal<Place>({ at: 'server' });

let loading: AbortController | undefined;

/** Loads a model into the browser; from then on it generates there. Failures are shown where the choice is made. */
export async function runInBrowser({ name, exportUrl }: ModelInfo): Promise<void> {
  runOnServer();
  const controller = (loading = new AbortController());
  const { signal: aborted } = controller;
  place.value = { at: 'loading', model: name, loaded: 0, total: 0 };
  try {
    const { loadBrowserModel } = await import('../browser/browser-model.js');
    const runs = await loadBrowserModel({
      name,
      url: exportUrl!,
      apiKey: apiKey.value,
      signal: aborted,
      onProgress: ({ loaded, total }) => {
        // Later, it is of a worker that is started again.
        if (!aborted.aborted && place.value.at === 'loading') {
          place.value = { at: 'loading', model: name, loaded, total };
        }
      },
    });
    if (aborted.aborted) return runs.dispose();
    place.value = { at: 'browser', model: name, runs };
    if (runs.warnings.length > 0) notify(runs.warnings.join(' '));
  } catch (error) {
    if (aborted.aborted) return;
    place.value = { at: 'server', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Generates on the server again, and frees the memory of the model in the browser. */
export function runOnServer(): void {
  loading?.abort(new DOMException('The server generates.', 'AbortError'));
  if (place.value.at === 'browser') place.value.runs.dispose();
  place.value = { at: 'server' };
}
