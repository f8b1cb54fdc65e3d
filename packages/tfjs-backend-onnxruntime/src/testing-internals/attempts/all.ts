import { ARITHMETIC } from './arithmetic.js';
import type { Attempt } from './attempt.js';
import { EMPTINESS } from './emptiness.js';
import { EXCESS } from './excess.js';
import { POSITIONS } from './positions.js';
import { SHAPES } from './shapes.js';
import { TYPES } from './types.js';
import { WINDOWS } from './windows.js';

/** All attempts; none may end the process or behave unexpectedly. */
export const ATTEMPTS: readonly Attempt[] = [
  ...ARITHMETIC,
  ...SHAPES,
  ...TYPES,
  ...WINDOWS,
  ...POSITIONS,
  ...EMPTINESS,
  ...EXCESS,
];
