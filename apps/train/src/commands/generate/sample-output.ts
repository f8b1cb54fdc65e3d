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

/** Destination of outputs, in order. */
export interface SampleOutput {
  /** `number` is that of the output among several. */
  add(generated: unknown, from: OutputOrigin, number: string | undefined): Promise<void>;
  /** Writes what goes into one file. */
  end(): Promise<void>;
}

/** A generated segment as it is printed: texts as they are, other values by their file. */
type Printed =
  { readonly modality: string; readonly text: string } | { readonly modality: string; readonly file: string };

/**
 * Creates the output of `sample`. Values of one prompt share a file where their modality has sheets (a grid of images);
 * those of several prompts, or for `json`, get numbered files, each written at once.
 */
export function createOutput(
  modalities: ModalityRegistry,
  output: string,
  { prompts, out, json = false }: SampleOutputOptions,
): SampleOutput {
  const path = out ?? 'sample';
  const write = (modality: Modality, value: unknown, number: string): Promise<string> =>
    number === '' ? writeOne(modality, value, path) : writeNumbered(modality, value, path, number);

  /** Texts are written only if a file is asked for, and never out of a document. */
  async function printed({ modality, value }: Segment, number: string): Promise<Printed> {
    if (typeof value === 'string' && (out === undefined || output === 'document')) {
      return { modality, text: value };
    }
    return { modality, file: await write(modalities.get(modality), value, number) };
  }

  if (output === 'document') {
    return {
      add: async (generated, from, number) => {
        const segments: Printed[] = [];
        for (const [n, segment] of (generated as readonly Segment[]).entries()) {
          const shown = await printed(segment, number === undefined ? `${n + 1}` : `${number}-${n + 1}`);
          if (!json) console.log('text' in shown ? shown.text : shown.file);
          segments.push(shown);
        }
        if (json) console.log(JSON.stringify({ ...from, segments }));
      },
      end: () => Promise.resolve(),
    };
  }
  if (json || prompts !== undefined) {
    return {
      add: async (value, from, number = '') => {
        const shown = await printed({ modality: output, value }, number);
        if (json) console.log(JSON.stringify({ ...from, ...shown }));
        else console.log('text' in shown ? `${from.prompt}${shown.text}` : shown.file);
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
