/** The settings in the page's fields. */
import { signal } from '@preact/signals';
import { defaultSettings, type Settings } from './settings.js';

/** The settings. */
export const settings = signal<Settings>(defaultSettings);

/** Changes some of the settings; undefined stands for the model's default. */
export function changeSettings(changes: Partial<Settings>): void {
  settings.value = { ...settings.value, ...changes };
}
