import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeManifest, MANIFEST_FILE, readManifest } from './checkpoint-manifest.js';
import { temporaryFolder } from './testing-internals/toy-run.js';

const info = { step: 3, skippedInARow: 0, cursor: null, model: null, description: null };
const files = { 'ema.safetensors': { bytes: 8, sha256: 'ab' } };

function folderWith(changedInfo: object, changedFiles: unknown): string {
  const folder = temporaryFolder();
  const text = encodeManifest({ ...info, ...changedInfo }, changedFiles as typeof files);
  writeFileSync(join(folder, MANIFEST_FILE), text);
  return folder;
}

test('is read as it was written', async () => {
  expect(await readManifest(folderWith({}, files))).toEqual({ formatVersion: 2, ...info, files });
});

test.each<[string, object, unknown]>([
  ['step is -1, expected a non-negative integer', { step: -1 }, files],
  ['step is undefined, expected', { step: undefined }, files],
  ['skippedInARow is undefined, expected a non-negative integer', { skippedInARow: undefined }, files],
  ['skippedInARow is 0.5, expected', { skippedInARow: 0.5 }, files],
  ['files is undefined, expected an object', {}, undefined],
  ['files is null, expected an object', {}, null],
  ['files is [], expected an object', {}, []],
  ["files['a'] is null, expected { bytes, sha256 }", {}, { a: null }],
  ['files[\'a\'] is {"bytes":-1,"sha256":"ab"}, expected', {}, { a: { bytes: -1, sha256: 'ab' } }],
  ['files[\'a\'] is {"bytes":8,"sha256":null}, expected', {}, { a: { bytes: 8, sha256: null } }],
])('is refused: %s', async (message, changedInfo, changedFiles) => {
  await expect(readManifest(folderWith(changedInfo, changedFiles))).rejects.toMatchObject({
    code: 'invalid-file',
    message: expect.stringContaining(message),
  });
});
