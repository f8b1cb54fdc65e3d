import { useEffect, useState } from 'preact/hooks';
import { changeSettings, settings } from '../state/current-settings.js';
import { isInRange, numberRanges, type NumberSetting } from '../state/settings.js';

/** A number that may be left empty for the model's default, with a slider for its usual values. */
export function NumberField({
  name,
  label,
  placeholder,
  slider,
  hint,
}: {
  readonly name: NumberSetting;
  readonly label: string;
  /** Value that holds while the field is empty. */
  readonly placeholder: string;
  readonly slider?: { readonly min: number; readonly max: number; readonly step: number };
  readonly hint?: string;
}) {
  const value = settings.value[name];
  const { min, max, isInteger } = numberRanges[name];
  // As it is typed: '0.' is no number yet.
  const [text, setText] = useState('');
  const isSame = text.trim() === '' ? value === undefined : Number(text) === value;
  const shown = isSame ? text : (value?.toString() ?? '');
  const [isWrong, setWrong] = useState(false);
  useEffect(() => setWrong(false), [value]);
  const type = (typed: string): void => {
    setText(typed);
    const number = Number(typed.replace(',', '.'));
    const isEmpty = typed.trim() === '';
    setWrong(!isEmpty && !isInRange(name, number));
    if (isEmpty) changeSettings({ [name]: undefined });
    else if (isInRange(name, number)) changeSettings({ [name]: number });
  };
  const id = `setting-${name}`;
  const kind = isInteger ? 'an integer' : 'a number';
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="field-row">
        {slider !== undefined && (
          <input
            type="range"
            aria-label={`${label}, slider`}
            {...slider}
            value={value ?? Number(placeholder)}
            onInput={(event) => type(event.currentTarget.value)}
          />
        )}
        <input
          id={id}
          class="input input-number"
          inputMode={isInteger ? 'numeric' : 'decimal'}
          autocomplete="off"
          placeholder={placeholder}
          value={isWrong ? text : shown}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? `${id}-problem` : hint === undefined ? undefined : `${id}-hint`}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </div>
      {isWrong && (
        <p id={`${id}-problem`} class="problem small">
          Expected {kind} from {min} to {max}.
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} class="muted small">
          {hint}
        </p>
      )}
    </div>
  );
}
