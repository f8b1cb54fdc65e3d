/** Settings beside the prompt; empty fields are the model's defaults. */
import { model } from '../state/connection.js';
import { attachments } from '../state/attachments.js';
import { changeSettings, settings } from '../state/current-settings.js';
import { reply } from '../state/session.js';
import { IconButton } from './icon-button.js';
import { NumberField } from './number-field.js';
import { SelectField } from './select-field.js';

/** The panel. */
export function SettingsPanel() {
  const { mode } = settings.value;
  const hasImages = mode !== 'text';
  return (
    <div class="settings">
      {hasImages && <DenoisingFields />}
      <SeedField />
      <details class="more">
        <summary>More settings</summary>
        <div class="settings">
          {hasImages && <NegativePrompt />}
          {hasImages && <SamplerField />}
          {mode !== 'image' && <TokenFields />}
          {mode === 'auto' && <NumberField name="maxImages" label="Images, at most" placeholder="no limit" />}
        </div>
      </details>
    </div>
  );
}

function DenoisingFields() {
  const denoising = model.value?.denoising;
  const sizes = model.value?.imageSizes ?? [];
  const { mode, size } = settings.value;
  return (
    <>
      <StepsField />
      <NumberField
        name="guidance"
        label="Guidance"
        placeholder={String(denoising?.guidanceScale ?? '')}
        slider={{ min: 1, max: 10, step: 0.1 }}
      />
      {attachments.value.length > 0 && (
        <NumberField
          name="imageGuidance"
          label="Image guidance"
          placeholder={String(settings.value.guidance ?? denoising?.guidanceScale ?? '')}
          slider={{ min: 1, max: 10, step: 0.1 }}
        />
      )}
      {mode === 'image' && sizes.length > 1 && (
        <SelectField
          label="Size"
          value={size}
          automatic="Automatic"
          options={sizes}
          onChange={(chosen) => changeSettings({ size: chosen })}
        />
      )}
    </>
  );
}

function StepsField() {
  const { numInferenceSteps = '', stepCounts } = model.value?.denoising ?? {};
  if (stepCounts === undefined) {
    return (
      <NumberField
        name="steps"
        label="Steps"
        placeholder={String(numInferenceSteps)}
        slider={{ min: 1, max: 100, step: 1 }}
      />
    );
  }
  const others = stepCounts.filter((count) => count !== numInferenceSteps);
  return (
    <SelectField
      label="Steps"
      value={settings.value.steps?.toString()}
      automatic={`${numInferenceSteps} (default)`}
      options={others.map(String)}
      onChange={(steps) => changeSettings({ steps: steps === undefined ? undefined : Number(steps) })}
    />
  );
}

function SeedField() {
  const last = reply.value?.settings.seed;
  return (
    <div class="seed">
      <NumberField name="seed" label="Seed" placeholder="random" />
      <IconButton
        icon="recall"
        label={last === undefined ? 'Seed of the last reply' : `Seed of the last reply: ${last}`}
        disabled={last === undefined}
        onClick={() => changeSettings({ seed: last })}
      />
      <IconButton
        icon="dice"
        label="A random seed each time"
        pressed={settings.value.seed === undefined}
        onClick={() => changeSettings({ seed: undefined })}
      />
    </div>
  );
}

function SamplerField() {
  const denoising = model.value?.denoising;
  return (
    <SelectField
      label="Sampler"
      value={settings.value.sampler}
      automatic={denoising === undefined ? 'Default' : `${denoising.scheduler} (default)`}
      options={(denoising?.schedulers ?? []).filter((name) => name !== denoising?.scheduler)}
      onChange={(sampler) => changeSettings({ sampler })}
    />
  );
}

function NegativePrompt() {
  return (
    <div class="field">
      <label class="field-label" for="negative-prompt">
        Negative prompt
      </label>
      <textarea
        id="negative-prompt"
        class="input"
        rows={2}
        placeholder="What to keep away from"
        value={settings.value.negativePrompt}
        onInput={(event) => changeSettings({ negativePrompt: event.currentTarget.value })}
      />
    </div>
  );
}

function TokenFields() {
  return (
    <>
      <NumberField
        name="temperature"
        label="Temperature"
        placeholder="1"
        slider={{ min: 0, max: 2, step: 0.05 }}
        hint="0 takes the likeliest token each time."
      />
      <NumberField name="maxTokens" label="Tokens, at most" placeholder="the server’s limit" />
    </>
  );
}
