import { useId } from 'preact/hooks';

/** A choice among names; undefined stands for the first, automatic one. */
export function SelectField({
  label,
  value,
  automatic,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly automatic: string;
  readonly options: readonly string[];
  readonly onChange: (value: string | undefined) => void;
}) {
  const id = useId();
  // One that the model lacks, of a link or another model, stays visible.
  const all = value === undefined || options.includes(value) ? options : [...options, value];
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <select
        id={id}
        class="input"
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      >
        <option value="">{automatic}</option>
        {all.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </div>
  );
}
