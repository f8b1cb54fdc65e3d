/** Arrays that are used again by the next call, so that a tick allocates little. */
export interface ScratchArrays {
  /** Returns an array of this length with any content; it is valid until the next call with the same name. */
  floats(name: string, length: number): Float32Array;
  ints(name: string, length: number): Int32Array;
}

/** Creates arrays that grow to the largest length asked for. */
export function createScratchArrays(): ScratchArrays {
  const floats = new Map<string, Float32Array>();
  const ints = new Map<string, Int32Array>();
  return {
    floats: (name, length) => {
      let array = floats.get(name);
      if (array === undefined || array.length < length) floats.set(name, (array = new Float32Array(length)));
      return array.subarray(0, length);
    },
    ints: (name, length) => {
      let array = ints.get(name);
      if (array === undefined || array.length < length) ints.set(name, (array = new Int32Array(length)));
      return array.subarray(0, length);
    },
  };
}
