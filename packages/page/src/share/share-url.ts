/** Settings in the hash of the page's address, which browsers do not send to servers. */
import { numberRanges, settingsFrom, type Settings } from '../state/settings.js';

/** Returns the hash for settings, such as `#mode=image&prompt=red+apple&seed=1`. */
export function hashOf(settings: Settings): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value));
  }
  return `#${parameters}`;
}

/** Returns the settings in a hash, whoever wrote it; undefined if there are none. */
export function settingsOfHash(hash: string): Settings | undefined {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  if (!parameters.has('prompt') && !parameters.has('mode')) return undefined;
  const fields = Object.fromEntries(
    [...parameters].map(([name, text]) => [name, Object.hasOwn(numberRanges, name) ? numberOf(text) : text]),
  );
  return settingsFrom(fields);
}

function numberOf(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
