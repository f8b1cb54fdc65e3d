/** Things to do with a reply as a whole. */
import { responseBody } from '../api/response-body.js';
import { hashOf } from '../share/share-url.js';
import { curlCommand, typescriptProgram } from '../share/snippets.js';
import { apiKey } from '../state/api-key.js';
import { apiUrl } from '../state/backend.js';
import { attachments } from '../state/attachments.js';
import { removeFromGallery, selectedReply } from '../state/gallery.js';
import { notify } from '../state/notices.js';
import { recallSettings } from '../state/recall-settings.js';
import { isRunning, type Reply } from '../state/reply.js';
import { requestOf } from '../state/request-of.js';
import { stop } from '../state/session.js';
import { IconButton } from './icon-button.js';

/** The actions. */
export function ReplyActions({ reply }: { readonly reply: Reply }) {
  const { settings } = reply;
  const endpoint = { baseUrl: apiUrl, hasKey: apiKey.value !== undefined };
  const copyProgram = async (write: typeof curlCommand, what: string): Promise<void> => {
    const body = responseBody(await requestOf(settings, reply.numImages > 0 ? attachments.value : []));
    const isPartial = reply.numImages > attachments.value.length;
    await copy(write(body, endpoint), isPartial ? `${what}, without the images of the prompt` : what);
  };
  return (
    <div class="toolbar reply-actions" role="group" aria-label="Reply">
      <IconButton
        icon="recall"
        label="Use these settings"
        withText
        onClick={() => {
          recallSettings(settings);
          notify('The settings of this reply are back.');
        }}
      />
      <IconButton
        icon="link"
        label="Share"
        withText
        onClick={() => {
          const hash = hashOf(settings);
          history.replaceState(undefined, '', hash);
          void copy(new URL(hash, location.href).href, 'The link');
        }}
      />
      <IconButton
        icon="code"
        label="curl"
        withText
        onClick={() => void copyProgram(curlCommand, 'The command')}
      />
      <IconButton
        icon="code"
        label="TypeScript"
        withText
        onClick={() => void copyProgram(typescriptProgram, 'The program')}
      />
      {isRunning(reply) && (
        <div class="reply-stop">
          <IconButton icon="stop" label="Stop" withText onClick={stop} />
        </div>
      )}
      {selectedReply.value === reply && (
        <IconButton icon="trash" label="Delete" withText onClick={() => removeFromGallery(reply)} />
      )}
    </div>
  );
}

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(`${what}: copied.`);
  } catch {
    // Only secure pages may write to the clipboard: not those of another machine without TLS.
    notify(copyBySelection(text) ? `${what}: copied.` : `${what} could not be copied.`);
  }
}

function copyBySelection(text: string): boolean {
  const field = Object.assign(document.createElement('textarea'), { value: text, readOnly: true });
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  return isCopied;
}
