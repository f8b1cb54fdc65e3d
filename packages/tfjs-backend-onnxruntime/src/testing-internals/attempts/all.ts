import { ARITHMETIC } from './arithmetic.js';
import type { Attempt } from './attempt.js';
import { EMPTINESS } from './emptiness.js';
import { EXCESS } from './excess.js';
import { PLACES } from './places.js';
import { SHAPES } from './shapes.js';
import { TYPES } from './types.js';
import { WINDOWS } from './windows.js';

/** Everything that must neither end the process nor do anything that nobody expects. */
export const ATTEMPTS: readonly Attempt[] = [
  ...ARITHMETIC,
  ...SHAPES,
  ...TYPES,
  ...WINDOWS,
  ...PLACES,
  ...EMPTINESS,
  ...EXCESS,
];
