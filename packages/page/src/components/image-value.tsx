/** An image while it is denoised, and when it is finished. */
import { useEffect, useState } from 'preact/hooks';
import { attach } from '../state/attachments.js';
import { changeSettings } from '../state/current-settings.js';
import { paintMaskOf } from '../state/mask-editing.js';
import { releaseUrl, urlOf } from '../state/object-urls.js';
import type { Part, Reply } from '../state/reply.js';
import { isRunning } from '../state/reply.js';
import { saveFile } from '../state/save-file.js';
import { IconButton } from './icon-button.js';

/** Widest image whose pixels are shown as squares. */
const PIXELATED = 256;

type ValuePart = Extract<Part, { readonly type: 'value' }>;

/** The image; its box has its size from the beginning. */
export function ImageValue({
  part,
  size: expected,
  reply,
}: {
  readonly part: ValuePart;
  readonly size: readonly [width: number, height: number];
  readonly reply: Reply;
}) {
  const { file, preview, step, numSteps } = part;
  const [[width, height], setSize] = useState(expected);
  const shown = file ?? preview;
  useEffect(() => (preview === undefined ? undefined : () => releaseUrl(preview)), [preview]);
  const isGoing = file === undefined && isRunning(reply);
  return (
    <figure class="image-value">
      <div
        class={isGoing ? 'image-box is-going' : 'image-box'}
        style={{ aspectRatio: `${width} / ${height}`, '--aspect': width / height }}
      >
        {shown !== undefined && (
          <img
            class={width <= PIXELATED ? 'pixelated' : ''}
            src={urlOf(shown)}
            alt={altOf(reply, file !== undefined)}
            data-state={file === undefined ? 'preview' : 'final'}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              if (naturalWidth !== width || naturalHeight !== height) setSize([naturalWidth, naturalHeight]);
            }}
          />
        )}
      </div>
      <figcaption class="image-footer">
        {file === undefined ? (
          <>
            <progress max={numSteps || 1} value={step} aria-label="Denoising" />
            <span class="image-step muted small numeric" data-testid="step">
              {numSteps === 0 ? waitingWords(reply) : `${step} / ${numSteps}`}
            </span>
          </>
        ) : (
          <ImageActions file={file} reply={reply} item={part.item} />
        )}
      </figcaption>
    </figure>
  );
}

function waitingWords(reply: Reply): string {
  if (reply.status === 'waiting') return 'in the queue';
  return isRunning(reply) ? 'starting' : 'not made';
}

function altOf({ settings: { prompt } }: Reply, isFinal: boolean): string {
  const of = prompt === '' ? 'Image' : `Image for “${prompt.slice(0, 200)}”`;
  return isFinal ? of : `${of}, being denoised`;
}

function ImageActions({
  file,
  reply,
  item,
}: {
  readonly file: Blob;
  readonly reply: Reply;
  readonly item: number;
}) {
  const name = `image ${reply.settings.seed}`;
  return (
    <div class="toolbar">
      <IconButton
        icon="download"
        label="Download"
        withText
        onClick={() => void saveFile(file, reply, item)}
      />
      <IconButton
        icon="edit"
        label="Edit"
        withText
        onClick={() => {
          changeSettings({ mode: 'image' });
          void attach(file, name);
        }}
      />
      <IconButton icon="brush" label="Inpaint" withText onClick={() => void paintMaskOf(file, name)} />
    </div>
  );
}
