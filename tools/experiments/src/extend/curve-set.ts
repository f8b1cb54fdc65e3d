/** Curves of four kinds in three sizes, with their captions: a task that the shipped model has never seen. */
import type { DocumentSource } from '@transfusion/data';
import type { Curve } from '@transfusion/examples/curve-modality';
import { createRng } from '@transfusion/nn';

const SAMPLES = 64;

/** Functions of a position and a phase from 0 to 1, with values from -1 to 1. */
const KINDS: Readonly<Record<string, (x: number, phase: number) => number>> = {
  rising: (x, phase) => 2 * x - 1 + 0.3 * Math.sin(2 * Math.PI * (x + phase)),
  falling: (x, phase) => 1 - 2 * x + 0.3 * Math.sin(2 * Math.PI * (x + phase)),
  wavy: (x, phase) => Math.sin(2 * Math.PI * (2 * x + phase)),
  stepped: (x, phase) => (x < 0.3 + 0.4 * phase ? -1 : 1),
};

const SIZES: Readonly<Record<string, number>> = { low: 0.3, middle: 0.6, high: 0.9 };

/** Returns documents of a caption and a curve; each has a phase of its own, that the caption does not name. */
export function curveSource(split: 'train' | 'validation', length: number): DocumentSource {
  const rng = createRng(0).fork(split);
  const captions = Object.keys(SIZES).flatMap((size) =>
    Object.keys(KINDS).map((kind) => ({ size, kind, caption: `a ${size} ${kind} curve` })),
  );
  return {
    name: `curves, ${split}`,
    length,
    locate: (index) => `curve ${index}`,
    read: async (index) => {
      const { size, kind, caption } = captions[index % captions.length];
      const phase = rng.fork(index).uniform();
      const curve: Curve = Float32Array.from(
        { length: SAMPLES },
        (_, i) => SIZES[size] * KINDS[kind](i / (SAMPLES - 1), phase),
      );
      return {
        segments: [
          { modality: 'text', value: caption },
          { modality: 'curve', value: curve },
        ],
      };
    },
  };
}
