/** Light or dark: as the system has it, unless the reader chose. */
import { effect, signal } from '@preact/signals';

/** A choice of colors. */
export type Theme = 'system' | 'light' | 'dark';

const NAME = 'transfusion-theme';

/** The choice. */
export const theme = signal<Theme>(read());

/** Keeps the document in the chosen colors, from now on. */
export function followTheme(): void {
  effect(() => {
    const { value } = theme;
    if (value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = value;
    try {
      localStorage.setItem(NAME, value);
    } catch {
      // Without storage the choice lasts until the page is left.
    }
  });
}

/** Returns the colors on show. */
export function shownTheme(): 'light' | 'dark' {
  if (theme.value !== 'system') return theme.value;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

function read(): Theme {
  try {
    const found = localStorage.getItem(NAME);
    return found === 'light' || found === 'dark' ? found : 'system';
  } catch {
    return 'system';
  }
}
