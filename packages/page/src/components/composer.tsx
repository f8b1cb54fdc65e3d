/** The prompt and its settings. */
import type { Mode } from '../api/backend.js';
import { canGenerate, generate, reply, stop } from '../state/session.js';
import { attachments } from '../state/attachments.js';
import { model } from '../state/connection.js';
import { changeSettings, settings } from '../state/current-settings.js';
import { isRunning } from '../state/reply.js';
import { AttachmentStrip } from './attachment-strip.js';
import { Icon } from './icon.js';
import { PlaceField } from './place-field.js';
import { SettingsPanel } from './settings-panel.js';

const modes: readonly { readonly mode: Mode; readonly label: string; readonly hint: string }[] = [
  { mode: 'image', label: 'Image', hint: 'One image: of the prompt, or an edit of its last image.' },
  { mode: 'text', label: 'Text', hint: 'A text: the caption of an image, or a continuation.' },
  { mode: 'auto', label: 'Auto', hint: 'A document: the model decides what comes when, texts or images.' },
];

/** The form. */
export function Composer() {
  const { mode, prompt } = settings.value;
  return (
    <section class="composer card" aria-label="Request">
      <ModeSwitch />
      <div class="prompt-box">
        <label class="visually-hidden" for="prompt">
          Prompt
        </label>
        <textarea
          id="prompt"
          rows={4}
          placeholder={placeholderOf(mode, attachments.value.length > 0)}
          value={prompt}
          onInput={(event) => changeSettings({ prompt: event.currentTarget.value })}
        />
        <AttachmentStrip />
      </div>
      <GenerateButton />
      <SettingsPanel />
      <PlaceField />
    </section>
  );
}

function ModeSwitch() {
  const { mode } = settings.value;
  const kinds = model.value?.modalities;
  const isPossible = (candidate: Mode): boolean =>
    kinds === undefined || candidate === 'auto' || kinds.includes(candidate);
  return (
    <fieldset class="modes">
      <legend class="visually-hidden">Kind of reply</legend>
      {modes.map(({ mode: candidate, label, hint }) => (
        <label key={candidate} class="mode" title={hint}>
          <input
            type="radio"
            name="mode"
            value={candidate}
            checked={mode === candidate}
            disabled={!isPossible(candidate)}
            onChange={() => changeSettings({ mode: candidate })}
          />
          <span>{label}</span>
        </label>
      ))}
      <p class="mode-hint muted">{modes.find((candidate) => candidate.mode === mode)!.hint}</p>
    </fieldset>
  );
}

function GenerateButton() {
  if (isRunning(reply.value)) {
    return (
      <button type="button" class="button button-large button-stop" onClick={stop}>
        <Icon name="stop" /> Stop <kbd>Esc</kbd>
      </button>
    );
  }
  return (
    <button
      type="button"
      class="button button-large button-primary"
      disabled={!canGenerate()}
      onClick={() => void generate()}
    >
      Generate <kbd>Ctrl ↵</kbd>
    </button>
  );
}

function placeholderOf(mode: Mode, hasImages: boolean): string {
  if (mode === 'text') return hasImages ? 'Empty for a caption of the image' : 'Beginning of a text';
  if (hasImages) return 'Instruction for the edit, such as: draw this in the noto style';
  return 'Describe what to make, such as: red apple, noto';
}
