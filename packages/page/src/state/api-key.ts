/** The API key, which is kept until the tab is closed. */
import { signal } from '@preact/signals';

const NAME = 'transfusion-api-key';

/** The key; undefined until the server asks for one. */
export const apiKey = signal(read());

/** True while the page asks for a key. */
export const asksForKey = signal(false);

/** Takes a key, for this tab only. */
export function setApiKey(key: string): void {
  apiKey.value = key;
  asksForKey.value = false;
  try {
    sessionStorage.setItem(NAME, key);
  } catch {
    // Without storage the key lasts until the page is left.
  }
}

function read(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
