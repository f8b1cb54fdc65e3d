/** Words for screen readers: the beginning and the end of a reply, not its steps. */
import { computed } from '@preact/signals';
import type { Reply } from '../state/reply.js';
import { reply } from '../state/session.js';

const words: Readonly<Record<Reply['status'], string>> = {
  waiting: 'Generating',
  running: 'Generating',
  done: 'The reply is complete.',
  stopped: 'Stopped.',
  failed: 'The request failed.',
};

// Changes only with the status: the live region is not touched by each token.
const text = computed(() => (reply.value === undefined ? '' : words[reply.value.status]));

/** The live region. */
export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text.value}
    </div>
  );
}
