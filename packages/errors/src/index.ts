export { invariant, TransfusionError, type TransfusionErrorCode } from './transfusion-error.js';
