import { expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../state/settings.js';
import { hashOf, settingsOfHash } from './share-url.js';

const settings: Settings = {
  mode: 'auto',
  prompt: 'a & b = "c" #d\n100 % 🍎 +',
  negativePrompt: 'gray',
  model: 'org/emoji',
  seed: 0,
  steps: 25,
  guidance: 2.5,
  imageGuidance: 1.5,
  sampler: 'dpm-solver++',
  size: '64x64',
  temperature: 0,
  maxTokens: 10,
  maxImages: 2,
};

it('carries all settings', () => {
  expect(settingsOfHash(hashOf(settings))).toEqual(settings);
  expect(hashOf({ ...defaultSettings, prompt: 'red apple', seed: 1 })).toBe(
    '#mode=image&prompt=red+apple&seed=1',
  );
});

it('is nothing without a prompt or a mode', () => {
  for (const hash of ['', '#', '#gallery', '#%', '#seed=1']) expect(settingsOfHash(hash)).toBeUndefined();
});

it('takes nothing from a hostile hash that a field could not have', () => {
  const hostile =
    '#prompt=x&mode=constructor&seed=1e999&steps=-1&guidance=NaN&size=99999999x1&maxTokens=1.5&temperature=0x1' +
    '&__proto__=1&constructor=2&hasOwnProperty=3&apiKey=4&model=' +
    'm'.repeat(300);
  expect(settingsOfHash(hostile)).toEqual({ ...defaultSettings, prompt: 'x' });
  expect(settingsOfHash('#prompt=%E0%A4%A&mode=text')?.mode).toBe('text');
  expect(settingsOfHash(`#prompt=${'y'.repeat(100_001)}`)).toEqual(defaultSettings);
});
