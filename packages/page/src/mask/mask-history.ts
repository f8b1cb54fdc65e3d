/** States of a mask that can be undone and redone. */
import type { MaskBitmap } from './mask-bitmap.js';

/** Most bytes of all states together; the oldest are dropped. */
const MAX_BYTES = 64 * 2 ** 20;

/** States, oldest first, and which one is current. */
export interface MaskHistory {
  readonly states: readonly MaskBitmap[];
  readonly index: number;
}

/** Returns a history of one state. */
export function startHistory(mask: MaskBitmap): MaskHistory {
  return { states: [mask], index: 0 };
}

/** Returns the current state. */
export function currentMask({ states, index }: MaskHistory): MaskBitmap {
  return states[index];
}

/** Adds a state after the current one; those that were undone are gone. */
export function pushMask({ states, index }: MaskHistory, mask: MaskBitmap): MaskHistory {
  const size = Math.max(2, Math.floor(MAX_BYTES / mask.data.length));
  const kept = [...states.slice(0, index + 1), mask].slice(-size);
  return { states: kept, index: kept.length - 1 };
}

/** Goes back by one state, if there is one. */
export function undoMask({ states, index }: MaskHistory): MaskHistory {
  return { states, index: Math.max(0, index - 1) };
}

/** Goes forward by one state, if there is one. */
export function redoMask({ states, index }: MaskHistory): MaskHistory {
  return { states, index: Math.min(states.length - 1, index + 1) };
}
