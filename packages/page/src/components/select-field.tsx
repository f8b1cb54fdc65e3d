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
  // One that the model lacks, of a link or another model, stays visible.
  const all = value === undefined || options.includes(value) ? options : [...options, value];
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <select
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
    </label>
  );
}
