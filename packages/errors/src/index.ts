export { checkFields } from './check-fields.js';
export { nearestName } from './nearest-name.js';
export { warnOfSecondCopy } from './package-copies.js';
export { invariant, TransfusionError, type TransfusionErrorCode } from './transfusion-error.js';
