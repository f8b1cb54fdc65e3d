/** The gallery: finished replies, newest first. Previews and what was stopped before a value was finished are not in it. */
import { computed, signal } from '@preact/signals';
import { deleteReply, readReplies, writeReply } from './gallery-store.js';
import { notify } from './notices.js';
import type { Reply } from './reply.js';

/** Replies; undefined while they are being read. */
export const gallery = signal<readonly Reply[] | undefined>(undefined);

/** Identifier of the reply that is looked at; undefined for the newest request. */
export const selectedId = signal<string | undefined>(undefined);

/** The reply that is looked at. */
export const selectedReply = computed(() => gallery.value?.find(({ id }) => id === selectedId.value));

/** Reads the gallery. */
export async function loadGallery(): Promise<void> {
  try {
    gallery.value = await readReplies();
  } catch {
    gallery.value = [];
    notify('This browser keeps no gallery: replies last until the page is left.');
  }
}

/** Adds a reply. */
export async function addToGallery(reply: Reply): Promise<void> {
  gallery.value = [reply, ...(gallery.value ?? [])];
  try {
    await writeReply(reply);
  } catch (error) {
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
    notify(
      isFull
        ? 'The browser has no room left for the gallery. Delete some of it; this reply lasts until the page is left.'
        : 'The reply could not be kept in the gallery; it lasts until the page is left.',
    );
  }
}

/** Deletes a reply, unless it is taken back; the neighbor of the one that was looked at is looked at next. */
export function removeFromGallery(reply: Reply): void {
  const before = gallery.value ?? [];
  const index = before.findIndex(({ id }) => id === reply.id);
  const after = before.filter(({ id }) => id !== reply.id);
  gallery.value = after;
  if (selectedId.value === reply.id) selectedId.value = (after[index] ?? after.at(-1))?.id;
  void deleteReply(reply.id).catch(() => undefined);
  notify('Deleted.', {
    label: 'Undo',
    run: () => {
      gallery.value = after.toSpliced(index, 0, reply);
      selectedId.value = reply.id;
      void writeReply(reply).catch(() => undefined);
    },
  });
}

/** Looks at the reply before or after in the gallery. */
export function moveSelection(by: -1 | 1): void {
  const replies = gallery.value ?? [];
  const index = replies.findIndex(({ id }) => id === selectedId.value);
  const next = replies[Math.min(replies.length - 1, Math.max(0, index + by))];
  if (next !== undefined) selectedId.value = next.id;
}
