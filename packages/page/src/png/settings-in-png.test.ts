import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../state/settings.js';
import { readChunks, writeChunks, type PngChunk } from './png-chunks.js';
import { settingsOfPng, withSettings } from './settings-in-png.js';

const settings: Settings = {
  ...defaultSettings,
  mode: 'auto',
  prompt: 'Äpfel 🍎\n"two"',
  seed: 4294967295,
  guidance: 2.5,
};
const header = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0);
const chunks: PngChunk[] = [
  { type: 'IHDR', data: header },
  { type: 'tEXt', data: new TextEncoder().encode('parameters\0of another program') },
  { type: 'IDAT', data: Uint8Array.from(deflateSync(Uint8Array.of(0, 7))) },
  { type: 'IEND', data: new Uint8Array() },
];
const png = writeChunks(chunks);

it('reads the chunks that it writes', () => {
  expect(readChunks(png)).toEqual(chunks);
  expect(Buffer.from(png.subarray(-12)).toString('hex')).toBe('0000000049454e44ae426082');
});

it('keeps settings in a file, once', () => {
  const once = withSettings(png, defaultSettings);
  const twice = withSettings(once, settings);
  expect(settingsOfPng(twice)).toEqual(settings);
  expect(readChunks(twice).map(({ type }) => type)).toEqual(['IHDR', 'iTXt', 'tEXt', 'IDAT', 'IEND']);
});

it('leaves foreign and damaged files alone', () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 1, 2);
  expect(withSettings(jpeg, settings)).toBe(jpeg);
  const cut = png.slice(0, -3);
  expect(withSettings(cut, settings)).toBe(cut);
  for (const foreign of [jpeg, cut, png, new Uint8Array()]) expect(settingsOfPng(foreign)).toBeUndefined();
});

it('reads settings up to the first damage, and none from damaged text', () => {
  const whole = withSettings(png, settings);
  for (let length = 0; length < whole.length; length++) settingsOfPng(whole.subarray(0, length));
  const damaged = whole.slice();
  damaged[60] ^= 1;
  expect(settingsOfPng(damaged)).toBeUndefined();
  const end = whole.slice();
  end[end.length - 20] ^= 1;
  expect(settingsOfPng(end)).toEqual(settings);
  const keyword = [...'transfusion'].map((letter) => letter.charCodeAt(0));
  const textOf = (text: string): Uint8Array =>
    Uint8Array.from([...keyword, 0, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
  const withText = (text: string) =>
    settingsOfPng(writeChunks([chunks[0], { type: 'iTXt', data: textOf(text) }, ...chunks.slice(1)]));
  expect(withText('{"prompt":')).toBeUndefined();
  expect(withText('[]')).toEqual(defaultSettings);
  expect(withText('{"prompt":1,"seed":-1,"steps":"9","__proto__":{"mode":"text"},"size":"0x0"}')).toEqual(
    defaultSettings,
  );
});
