/** Prints and writes what `sample` generates. */
import type { Modality, ModalityRegistry, Segment } from '@transfusion/modality';
import { writeAndPrint, writeNumbered, writeOne } from '../../write-and-print.js';

/** Options of `sample` on its outputs. */
export interface SampleOutputOptions {
  readonly prompts?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The request that an output was generated for. */
export interface OutputOrigin {
  readonly seed: number;
  readonly prompt: string;
}

/** Writer of the outputs of `sample`, in order. */
export interface SampleWriter {
  /** Prints or writes an output; `number` is that of the output among several. */
  add(generated: unknown, origin: OutputOrigin, number: string | undefined): Promise<void>;
  /** Writes the values that share one file. */
  end(): Promise<void>;
}

/** A generated segment as it is printed: text itself, or the file of another value. */
type Printed =
  { readonly modality: string; readonly text: string } | { readonly modality: string; readonly file: string };

/**
 * Creates the writer of `sample`. Values of one prompt share a file where their modality has sheets (a grid of images);
 * those of several prompts, or for `json`, get numbered files, each written at once.
 */
export function createSampleWriter(
  modalities: ModalityRegistry,
  output: string,
  { prompts, out, json = false }: SampleOutputOptions,
): SampleWriter {
  const path = out ?? 'sample';
  const write = (modality: Modality, value: unknown, number: string): Promise<string> =>
    number === '' ? writeOne(modality, value, path) : writeNumbered(modality, value, path, number);

  /** Writes a segment and returns how to print it. Text goes into a file only on request, and never from a document. */
  async function writeSegment({ modality, value }: Segment, number: string): Promise<Printed> {
    if (typeof value === 'string' && (out === undefined || output === 'document')) {
      return { modality, text: value };
    }
    return { modality, file: await write(modalities.get(modality), value, number) };
  }

  if (output === 'document') {
    return {
      add: async (generated, origin, number) => {
        const segments: Printed[] = [];
        for (const [n, segment] of (generated as readonly Segment[]).entries()) {
          const shown = await writeSegment(segment, number === undefined ? `${n + 1}` : `${number}-${n + 1}`);
          if (!json) console.log('text' in shown ? shown.text : shown.file);
          segments.push(shown);
        }
        if (json) console.log(JSON.stringify({ ...origin, segments }));
      },
      end: () => Promise.resolve(),
    };
  }
  if (json || prompts !== undefined) {
    return {
      add: async (value, origin, number = '') => {
        const shown = await writeSegment({ modality: output, value }, number);
        if (json) console.log(JSON.stringify({ ...origin, ...shown }));
        else console.log('text' in shown ? `${origin.prompt}${shown.text}` : shown.file);
      },
      end: () => Promise.resolve(),
    };
  }
  const values: unknown[] = [];
  return {
    add: (value, { prompt }) => {
      if (typeof value === 'string' && out === undefined) console.log(`${prompt}${value}`);
      else values.push(value);
      return Promise.resolve();
    },
    end: async () => {
      if (values.length > 0) await writeAndPrint(modalities.get(output), values, path);
    },
  };
}
