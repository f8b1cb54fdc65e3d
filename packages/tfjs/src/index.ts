import './single-copy.js';
import './installed-tfjs.js';
import '#registrations';
import '@tensorflow/tfjs-backend-cpu';
// Declares the types of the methods of tensors, such as `x.add(y)`.
import type {} from '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';

// eslint-disable-next-line no-restricted-syntax -- all names of core
export * from '@tensorflow/tfjs-core';
