import { expect, it } from 'vitest';
import { formBody } from './form-body.js';
import { imageEditRequest } from './image-request.js';

const file = Buffer.from('file');

it('formBody types fields as the schema wants them', () => {
  expect(
    formBody(imageEditRequest, [
      ['prompt', '42'],
      ['n', '2'],
      ['stream', 'true'],
      ['size', 'auto'],
      ['mask', file],
      ['image', file],
      ['guidance_interval[]', '0'],
      ['guidance_interval[]', '0.5'],
      ['seed', 'null'],
      ['other', '3'],
    ]),
  ).toEqual({
    prompt: '42',
    n: 2,
    stream: true,
    size: 'auto',
    mask: file,
    image: file,
    guidance_interval: [0, 0.5],
    seed: null,
    other: '3',
  });
});

it.each([
  [[['image[]', file]]],
  [
    [
      ['image[]', file],
      ['image[]', file],
    ],
  ],
  [
    [
      ['image', file],
      ['image', file],
    ],
  ],
] as [string, Buffer][][][])('formBody collects several values: %#', (entries) => {
  expect(formBody(imageEditRequest, entries)).toEqual({ image: entries.map(() => file) });
});

it('formBody does not touch prototypes', () => {
  const body = formBody(imageEditRequest, [['__proto__', '{"prompt": "x"}']]);
  expect(body['prompt']).toBeUndefined();
  expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
});
