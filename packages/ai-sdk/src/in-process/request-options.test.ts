import { expect, it } from 'vitest';
import { requestOptions } from './request-options.js';

it('takes an empty negative prompt for none, as servers do', () => {
  expect(requestOptions({ negativePrompt: '' }, 'text').negativePrompt).toBeUndefined();
  expect(requestOptions({ negativePrompt: 'dull' }, 'text').negativePrompt).toEqual([
    { modality: 'text', value: 'dull' },
  ]);
});
