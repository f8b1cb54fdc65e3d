/** A value that is no image, by its media type. */
import { useEffect, useState } from 'preact/hooks';
import { urlOf } from '../state/object-urls.js';
import type { Reply } from '../state/reply.js';
import { saveFile } from '../state/save-file.js';
import { AudioValue } from './audio-value.js';
import { Icon } from './icon.js';

/** Most bytes of a text that is shown. */
const MAX_TEXT = 100_000;

/** Sound with a player, text as text, anything else as a file. */
export function MediaValue({
  file,
  reply,
  item,
}: {
  readonly file: Blob;
  readonly reply: Reply;
  readonly item: number;
}) {
  const [kind] = file.type.split('/');
  return (
    <figure class="media-value">
      {kind === 'audio' && <AudioValue file={file} />}
      {kind === 'video' && <video controls src={urlOf(file)} />}
      {kind === 'text' && <TextFile file={file} />}
      <figcaption class="media-footer">
        <Icon name="file" />
        <span>
          {file.type || 'unknown type'} <span class="muted">{sizeOf(file)}</span>
        </span>
        <button type="button" class="button" onClick={() => void saveFile(file, reply, item)}>
          <Icon name="download" />
          Download
        </button>
      </figcaption>
    </figure>
  );
}

function TextFile({ file }: { readonly file: Blob }) {
  const [text, setText] = useState('');
  useEffect(() => {
    void file.slice(0, MAX_TEXT).text().then(setText);
  }, [file]);
  return (
    <pre class="text-file" tabIndex={0}>
      {text}
    </pre>
  );
}

function sizeOf({ size }: Blob): string {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
