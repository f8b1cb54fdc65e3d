/** The texts and values of a reply, in order. */
import { isRunning, type Part, type Reply } from '../state/reply.js';
import { expectedSize } from '../state/expected-size.js';
import { ImageValue } from './image-value.js';
import { MediaValue } from './media-value.js';

/** The parts. */
export function ReplyParts({ reply }: { readonly reply: Reply }) {
  const { parts, settings } = reply;
  // The box of an image that is sure to come is there before it is.
  const isImageExpected = parts.length === 0 && settings.mode === 'image' && isRunning(reply);
  const isOne = parts.length <= 1;
  return (
    <div class={isOne ? 'parts parts-one' : 'parts'}>
      {parts.map((part) => (
        <ReplyPart key={part.item} part={part} reply={reply} />
      ))}
      {isImageExpected && (
        <ImageValue
          key={0}
          part={{ type: 'value', item: 0, step: 0, numSteps: 0 }}
          size={expectedSize(reply)}
          reply={reply}
        />
      )}
      {parts.length === 0 && !isImageExpected && isRunning(reply) && <p class="caret-line">{caret}</p>}
      {parts.length === 0 && reply.status === 'done' && <p class="muted">The reply is empty.</p>}
    </div>
  );
}

const caret = <span class="caret" aria-hidden="true" />;

function ReplyPart({ part, reply }: { readonly part: Part; readonly reply: Reply }) {
  if (part.type === 'text') {
    const isLast = reply.parts.at(-1) === part;
    return (
      <p class="reply-text">
        {part.text}
        {isLast && isRunning(reply) && caret}
      </p>
    );
  }
  const isImage = part.file === undefined || part.file.type.startsWith('image/');
  if (isImage) return <ImageValue part={part} size={expectedSize(reply)} reply={reply} />;
  return <MediaValue file={part.file!} reply={reply} item={part.item} />;
}
