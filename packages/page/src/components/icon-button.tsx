import { Icon, type IconName } from './icon.js';

/** A button with an icon; its label is its tooltip, too. */
export function IconButton({
  icon,
  label,
  onClick,
  pressed,
  disabled = false,
  withText = false,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  /** For buttons that stay pressed. */
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  /** Shows the label beside the icon. */
  readonly withText?: boolean;
}) {
  return (
    <button
      type="button"
      class={withText ? 'button' : 'button button-icon'}
      aria-label={label}
      title={withText ? undefined : label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {withText && <span>{label}</span>}
    </button>
  );
}
