/** Everything that decides a reply but its images: what the URL, the gallery and downloaded files keep. */
import type { Mode } from '../api/backend.js';

/** Settings of a request; what is missing is the model's default, and a missing seed is a random one. */
export interface Settings {
  readonly mode: Mode;
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly guidance?: number;
  readonly imageGuidance?: number;
  readonly sampler?: string;
  readonly size?: string;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly maxImages?: number;
}

/** Settings of a page that is opened for the first time. */
export const defaultSettings: Settings = { mode: 'image', prompt: '', negativePrompt: '' };

/** Ranges of the settings that are numbers; `isInteger` also decides how they are typed. */
export const numberRanges = {
  seed: { min: 0, max: 2 ** 32 - 1, isInteger: true },
  steps: { min: 1, max: 1000, isInteger: true },
  guidance: { min: 0, max: 100, isInteger: false },
  imageGuidance: { min: 0, max: 100, isInteger: false },
  temperature: { min: 0, max: 2, isInteger: false },
  maxTokens: { min: 1, max: 1_000_000, isInteger: true },
  maxImages: { min: 1, max: 1000, isInteger: true },
} as const;

/** A setting that is a number. */
export type NumberSetting = keyof typeof numberRanges;

const textLengths = { prompt: 100_000, negativePrompt: 100_000, model: 200, sampler: 100 } as const;

const modes: readonly Mode[] = ['auto', 'image', 'text'];

/**
 * Returns the settings in a value of unknown origin: a link, a file that was dropped. Fields that are not settings, and
 * values that no field of the page could have, are left out.
 */
export function settingsFrom(value: unknown): Settings {
  if (typeof value !== 'object' || value === null) return defaultSettings;
  const fields = value as Readonly<Record<string, unknown>>;
  const found: Record<string, unknown> = { ...defaultSettings };
  const own = (name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);
  for (const [name, length] of Object.entries(textLengths)) {
    const text = own(name);
    if (typeof text === 'string' && text.length <= length) found[name] = text;
  }
  for (const name of Object.keys(numberRanges) as NumberSetting[]) {
    const number = own(name);
    if (typeof number === 'number' && isInRange(name, number)) found[name] = number;
  }
  const [mode, size] = [own('mode'), own('size')];
  if (modes.includes(mode as Mode)) found['mode'] = mode;
  if (typeof size === 'string' && /^[1-9]\d{0,4}x[1-9]\d{0,4}$/.test(size)) found['size'] = size;
  return found as unknown as Settings;
}

/** Returns true for a number that the setting may have. */
export function isInRange(name: NumberSetting, value: number): boolean {
  const { min, max, isInteger } = numberRanges[name];
  return value >= min && value <= max && (!isInteger || Number.isInteger(value));
}
