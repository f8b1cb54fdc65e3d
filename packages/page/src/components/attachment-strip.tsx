/** Images of the prompt, and the button that adds some. */
import { useRef } from 'preact/hooks';
import { attachments, detach, takeFiles, type Attachment } from '../state/attachments.js';
import { settings } from '../state/current-settings.js';
import { editedMaskId } from '../state/mask-editing.js';
import { urlOf } from '../state/object-urls.js';
import { IconButton } from './icon-button.js';
import { MaskOverlay } from './mask-overlay.js';

/** The strip. */
export function AttachmentStrip() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class="attachments">
      {attachments.value.map((attachment, index) => (
        <AttachedImage
          key={attachment.id}
          attachment={attachment}
          isLast={index === attachments.value.length - 1}
        />
      ))}
      <IconButton
        icon="image"
        label="Add an image"
        withText={attachments.value.length === 0}
        onClick={() => input.current?.click()}
      />
      {attachments.value.length === 0 && <span class="muted small">or drop or paste one</span>}
      <input
        ref={input}
        type="file"
        accept="image/*"
        multiple
        hidden
        aria-label="Images"
        onChange={(event) => {
          const { currentTarget } = event;
          void takeFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = '';
        }}
      />
    </div>
  );
}

function AttachedImage({
  attachment,
  isLast,
}: {
  readonly attachment: Attachment;
  readonly isLast: boolean;
}) {
  const { id, file, name, width, height, mask } = attachment;
  const canMask = isLast && settings.value.mode === 'image';
  return (
    <figure class="attachment">
      <div class="attachment-image">
        <img class={width <= 256 ? 'pixelated' : ''} src={urlOf(file)} alt={name || 'Image of the prompt'} />
        {canMask && mask !== undefined && <MaskOverlay mask={mask} />}
      </div>
      <figcaption class="attachment-actions">
        {canMask && (
          <IconButton
            icon="brush"
            label={mask === undefined ? 'Paint a mask' : 'Change the mask'}
            pressed={mask !== undefined}
            onClick={() => (editedMaskId.value = id)}
          />
        )}
        <IconButton
          icon="close"
          label={`Remove the image of ${width} × ${height}`}
          onClick={() => detach(id)}
        />
      </figcaption>
    </figure>
  );
}
