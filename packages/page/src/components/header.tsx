import { connection, model, models } from '../state/connection.js';
import { changeSettings } from '../state/current-settings.js';
import { shownTheme, theme } from '../state/theme.js';
import { IconButton } from './icon-button.js';

const words = {
  connecting: 'Connecting',
  loading: 'Loading',
  ready: 'Ready',
  offline: 'Offline',
  locked: 'Locked',
} as const;

/** Name, model, state of the server, links. */
export function Header() {
  const isDark = shownTheme() === 'dark';
  return (
    <header class="header">
      <h1 class="brand">
        <img src="./icon.svg" alt="" width="28" height="28" />
        Transfusion
      </h1>
      <ModelPicker />
      <span class="status" data-state={connection.value}>
        {words[connection.value]}
      </span>
      <nav class="header-links" aria-label="Server">
        <a href="./docs" class="button button-quiet">
          API
        </a>
        <IconButton
          icon={isDark ? 'sun' : 'moon'}
          label={isDark ? 'Light colors' : 'Dark colors'}
          onClick={() => (theme.value = isDark ? 'light' : 'dark')}
        />
      </nav>
    </header>
  );
}

function ModelPicker() {
  const name = model.value?.name;
  if (name === undefined) return null;
  if (models.value.length === 1) return <span class="model-name">{name}</span>;
  return (
    <label class="model-picker">
      <span class="visually-hidden">Model</span>
      <select
        class="input"
        value={name}
        onChange={(event) => changeSettings({ model: event.currentTarget.value })}
      >
        {models.value.map((option) => (
          <option key={option.name} value={option.name}>
            {option.name}
          </option>
        ))}
      </select>
    </label>
  );
}
