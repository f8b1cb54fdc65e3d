import * as tf from '@transfusion/tfjs';
import { expect, it, vi } from 'vitest';
import './index.js';

it('the cpu backend gives no advice to install another, and fallbacks still warn', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  expect(tf.ones([2]).add(1).arraySync()).toEqual([2, 2]);
  expect(tf.getBackend()).toBe('cpu');
  await tf.setBackend('onnxruntime');
  expect(tf.unique(tf.tensor1d([1, 1])).values.arraySync()).toEqual([1]);
  const messages = warn.mock.calls.map(([message]) => String(message));
  warn.mockRestore();
  expect(messages).toEqual([expect.stringContaining('Unique has no ONNX form')]);
});
