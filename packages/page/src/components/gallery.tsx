/** Finished replies; arrows go from one to the next. */
import { useRef } from 'preact/hooks';
import { gallery, moveSelection, removeFromGallery, selectedId } from '../state/gallery.js';
import { urlOf } from '../state/object-urls.js';
import type { Reply } from '../state/reply.js';
import { Icon } from './icon.js';

/** The gallery. */
export function Gallery() {
  const list = useRef<HTMLUListElement>(null);
  const replies = gallery.value ?? [];
  // One stop for the Tab key: arrows do the rest.
  const stop = replies.some(({ id }) => id === selectedId.value) ? selectedId.value : replies[0]?.id;
  const focusSelected = (): void => {
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  return (
    <section class="gallery" aria-label="Gallery">
      <h2 class="section-title">
        Gallery <span class="muted numeric">{replies.length > 0 && replies.length}</span>
      </h2>
      {gallery.value?.length === 0 && <p class="muted">Finished replies are kept here, in this browser.</p>}
      <ul
        ref={list}
        class="tiles"
        onKeyDown={(event) => {
          const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key] as
            -1 | 1 | undefined;
          const selected = replies.find(({ id }) => id === stop);
          if (by !== undefined) moveSelection(by);
          else if (event.key === 'Delete' && selected !== undefined) removeFromGallery(selected);
          else return;
          event.preventDefault();
          focusSelected();
        }}
      >
        {replies.map((reply) => (
          <Tile key={reply.id} reply={reply} isStop={reply.id === stop} />
        ))}
      </ul>
    </section>
  );
}

function Tile({ reply, isStop }: { readonly reply: Reply; readonly isStop: boolean }) {
  const { id, settings, parts } = reply;
  const files = parts.flatMap((part) => (part.type === 'value' && part.file ? [part.file] : []));
  const image = files.find(({ type }) => type.startsWith('image/'));
  const text = parts.find((part) => part.type === 'text');
  const isSelected = selectedId.value === id;
  return (
    <li>
      <button
        type="button"
        class="tile"
        tabIndex={isStop ? 0 : -1}
        aria-pressed={isSelected}
        aria-label={`${settings.prompt || 'No prompt'}, seed ${settings.seed}`}
        onClick={() => (selectedId.value = isSelected ? undefined : id)}
      >
        {image !== undefined && <img class="pixelated" src={urlOf(image)} alt="" loading="lazy" />}
        {image === undefined && text?.type === 'text' && <span class="tile-text">{text.text}</span>}
        {image === undefined && text === undefined && <Icon name="file" />}
        {files.length > 1 && <span class="tile-count">{files.length}</span>}
      </button>
    </li>
  );
}
