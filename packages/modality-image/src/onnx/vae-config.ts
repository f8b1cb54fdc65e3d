/** Reads the `config.json` of a diffusers VAE, as far as the codec needs it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';

/** Scale and offset of latents: the diffusion model sees `(latent - offset) · scale`. */
export interface VaeConfig {
  readonly latentChannels: number;
  /** By channel. */
  readonly scale: readonly number[];
  /** By channel. */
  readonly offset: readonly number[];
}

/**
 * Reads `vae_decoder/config.json` and `vae_encoder/config.json`, of which one may be missing.
 *
 * @throws TransfusionError `invalid-file` if both are missing, or one is not JSON or lacks a field; `mismatch` if they
 *   differ
 */
export async function readVaeConfig(folder: string): Promise<VaeConfig> {
  const paths = ['vae_decoder', 'vae_encoder'].map((part) => join(folder, part, 'config.json'));
  const [decoder, encoder] = await Promise.all(paths.map(readConfigFile));
  const config = decoder ?? encoder;
  if (config === undefined) {
    throw new TransfusionError(
      'invalid-file',
      `${paths[0]}: is missing, and so is vae_encoder/config.json; one is expected, with scaling_factor and ` +
        'latent_channels. Copy the config.json of the VAE that was exported.',
    );
  }
  if (decoder === undefined || encoder === undefined) return config;
  for (const field of ['latentChannels', 'scale', 'offset'] as const) {
    if (String(decoder[field]) === String(encoder[field])) continue;
    throw new TransfusionError(
      'mismatch',
      `${paths[1]}: its ${FIELDS[field]} differs from that of vae_decoder/config.json. Use both from the same export.`,
    );
  }
  return config;
}

const FIELDS = {
  latentChannels: 'latent_channels',
  scale: 'scaling_factor or latents_std',
  offset: 'shift_factor or latents_mean',
};

async function readConfigFile(path: string): Promise<VaeConfig | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid(path, `cannot be read (${(cause as Error).message})`, '', cause);
  }
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `is not JSON (${(cause as Error).message})`, '', cause);
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalid(path, 'is not a JSON object');
  }
  return parseConfig(path, fields as Record<string, unknown>);
}

/** Reads scale and offset like diffusers' pipelines: per channel with `latents_mean` and `latents_std`, else one for all. */
function parseConfig(path: string, fields: Record<string, unknown>): VaeConfig {
  const latentChannels = readNumber(
    path,
    fields,
    'latent_channels',
    (n) => Number.isInteger(n) && n > 0 && n <= MAX_CHANNELS,
  );
  const scalingFactor = readNumber(path, fields, 'scaling_factor', (n) => n > 0);
  const shift = fields['shift_factor'] == null ? 0 : readNumber(path, fields, 'shift_factor', () => true);
  const deviations = readChannels(path, fields, 'latents_std', latentChannels, (n) => n > 0);
  const means = readChannels(path, fields, 'latents_mean', latentChannels, () => true);
  const each = Array.from({ length: latentChannels });
  return {
    latentChannels,
    scale: each.map((_, channel) => scalingFactor / (deviations?.[channel] ?? 1)),
    offset: each.map((_, channel) => means?.[channel] ?? shift),
  };
}

function readNumber(
  path: string,
  fields: Record<string, unknown>,
  name: string,
  accepts: (value: number) => boolean,
): number {
  const value = fields[name];
  if (isNumber(value) && accepts(value)) return value;
  throw invalid(path, describeField(fields, name), `expected a ${EXPECTED[name]}`);
}

function readChannels(
  path: string,
  fields: Record<string, unknown>,
  name: string,
  length: number,
  accepts: (value: number) => boolean,
): readonly number[] | undefined {
  const value = fields[name];
  if (value == null) return undefined;
  if (Array.isArray(value) && value.length === length && value.every((n) => isNumber(n) && accepts(n))) {
    return value as number[];
  }
  throw invalid(
    path,
    describeField(fields, name),
    `expected ${length} ${EXPECTED[name]} (one per latent channel)`,
  );
}

/** Far above any real VAE, so that a damaged file is refused before it takes all memory. */
const MAX_CHANNELS = 16_384;

const EXPECTED: Readonly<Record<string, string>> = {
  latent_channels: `positive integer of at most ${MAX_CHANNELS} (4 for Stable Diffusion)`,
  scaling_factor: 'number above 0 (0.18215 for Stable Diffusion 1 and 2)',
  shift_factor: 'finite number or null',
  latents_std: 'numbers above 0',
  latents_mean: 'finite numbers',
};

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function describeField(fields: Record<string, unknown>, name: string): string {
  return name in fields ? `${name} is ${JSON.stringify(fields[name])}` : `${name} is missing`;
}

function invalid(path: string, problem: string, expected = '', cause?: unknown): TransfusionError {
  const remedy = 'Copy the config.json of the VAE that was exported.';
  return new TransfusionError(
    'invalid-file',
    `${path}: ${[problem, expected].filter((part) => part !== '').join(', ')}. ${remedy}`,
    { cause },
  );
}
