import type { GraphArray } from './dtype.js';

/** Data of a tensor on the JavaScript heap. */
export class DataBuffer {
  /**
   * The epoch (see `backend/lazy.ts`) in which a recorded, not yet executed node last referred to this
   * buffer. It must not be reused before that epoch is over.
   */
  lastUse = -1;
  /** A caller holds `array`: it may be read after the tensor is disposed, so never reuse it. */
  exposed = false;

  constructor(readonly array: GraphArray) {}
}
