/** Short notices at the edge of the page, which go by themselves. */
import { signal } from '@preact/signals';

/** A notice, and perhaps something to do about it. */
export interface Notice {
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

/** The notice on show. */
export const notice = signal<Notice | undefined>(undefined);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a notice instead of the one before; longer if there is something to do. */
export function notify(text: string, action?: Notice['action']): void {
  clearTimeout(timer);
  notice.value = { text, action };
  timer = setTimeout(() => (notice.value = undefined), action === undefined ? 5000 : 12_000);
}

/** Takes the notice away. */
export function dismissNotice(): void {
  clearTimeout(timer);
  notice.value = undefined;
}
