/** The reply that is looked at: the running one, or one of the gallery. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { connection } from '../state/connection.js';
import { selectedReply } from '../state/gallery.js';
import { isRunning, type Reply } from '../state/reply.js';
import { reply } from '../state/session.js';
import { HowItWasMade } from './how-it-was-made.js';
import { ReplyActions } from './reply-actions.js';
import { ReplyFacts } from './reply-facts.js';
import { ReplyParts } from './reply-parts.js';

/** As in `layout.css`. */
const ONE_COLUMN = '(max-width: 56rem)';

/** The stage. */
export function Stage() {
  const shown = selectedReply.value ?? reply.value;
  const section = useRef<HTMLElement>(null);
  const runningId = isRunning(reply.value) ? reply.value?.id : undefined;
  useEffect(() => {
    // Below the prompt, where there is one column, nobody would see it.
    if (runningId !== undefined && matchMedia(ONE_COLUMN).matches) section.current?.scrollIntoView();
  }, [runningId]);
  return (
    <section ref={section} class="stage card" aria-label="Reply" aria-busy={isRunning(shown)}>
      {shown === undefined ? <EmptyStage /> : <ShownReply key={shown.id} reply={shown} />}
    </section>
  );
}

function EmptyStage() {
  const isLoading = connection.value === 'loading' || connection.value === 'connecting';
  return (
    <div class="empty">
      <div class={isLoading ? 'empty-art is-loading' : 'empty-art'} aria-hidden="true">
        <i /> <i /> <i /> <i /> <i /> <i /> <i /> <i /> <i />
      </div>
      <h2>{isLoading ? 'The model is being loaded' : 'Texts and images from one model'}</h2>
      <p class="muted">
        Write a prompt, and watch the reply arrive. Drop an image to edit it, caption it, or paint what is to
        be made anew.
      </p>
    </div>
  );
}

function ShownReply({ reply: shown }: { readonly reply: Reply }) {
  const [view, setView] = useState<'reply' | 'making'>('reply');
  return (
    <article class="reply">
      <header class="reply-header">
        <h2 class="reply-prompt">{shown.settings.prompt || <span class="muted">No prompt</span>}</h2>
        <ReplyFacts reply={shown} />
      </header>
      <div class="tabs" role="group" aria-label="View">
        <button type="button" aria-pressed={view === 'reply'} onClick={() => setView('reply')}>
          Reply
        </button>
        <button type="button" aria-pressed={view === 'making'} onClick={() => setView('making')}>
          How it was made
        </button>
      </div>
      {view === 'reply' ? <ReplyParts reply={shown} /> : <HowItWasMade reply={shown} />}
      {shown.status === 'failed' && (
        <p class="problem" role="alert">
          {shown.error}
        </p>
      )}
      {shown.status === 'stopped' && <p class="muted">Stopped. What was finished is kept.</p>}
      {shown.isCut && <p class="muted">The reply reached its limit of tokens.</p>}
      <ReplyActions reply={shown} />
    </article>
  );
}
