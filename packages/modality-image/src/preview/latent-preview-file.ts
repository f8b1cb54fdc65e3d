/** The file of a preview in the folder of a VAE in ONNX, `latent-preview.json`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { latentPreviewProblem, type LatentPreview } from './latent-preview.js';

const FILE = 'latent-preview.json';

interface PreviewFile extends LatentPreview {
  readonly formatVersion: 1;
}

/** Writes a preview into the folder of a VAE in ONNX, where `onnxAutoencoderCodec` finds it. */
export async function writeLatentPreview(folder: string, { weights, bias }: LatentPreview): Promise<void> {
  await writeFile(
    join(folder, FILE),
    `${JSON.stringify({ formatVersion: 1, weights, bias }, undefined, 2)}\n`,
  );
}

/**
 * Reads the preview in a folder; undefined if there is none.
 *
 * @throws TransfusionError `invalid-file` if it is damaged, or for latents of a different number of channels
 */
export async function readLatentPreview(
  folder: string,
  channels: number,
): Promise<LatentPreview | undefined> {
  const path = join(folder, FILE);
  let content: Partial<PreviewFile>;
  try {
    content = Object(JSON.parse(await readFile(path, 'utf8'))) as Partial<PreviewFile>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid(path, `cannot be read (${(cause as Error).message})`, cause);
  }
  const problem =
    content.formatVersion === 1
      ? latentPreviewProblem(content, channels)
      : `formatVersion is ${JSON.stringify(content.formatVersion)}, expected 1`;
  if (problem !== undefined) throw invalid(path, problem);
  return content as PreviewFile;
}

function invalid(path: string, problem: string, cause?: unknown): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${path}: ${problem}. Remove it, or write the preview of this VAE again (fitLatentPreview, writeLatentPreview).`,
    { cause },
  );
}
