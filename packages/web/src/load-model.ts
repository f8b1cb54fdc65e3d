import { checkFields, TransfusionError } from '@transfusion/errors';
import { SUFFIXES, type ExportConfig, type ExportPrecision } from '@transfusion/export/export-format';
import { prepareOutputs, type GenerateRequest, type OutputEvent } from '@transfusion/pipelines/stream';
import type { ContinuousModality, Modality } from '@transfusion/modality';
import type { DocumentModel } from '@transfusion/core/documents';
import { knownPart, withKnownPixels } from './image/inpainting.js';
import { createDocumentGenerator } from './document-generator.js';
import { exportedModel } from './document-model.js';
import { samplersOf } from './exported-samplers.js';
import { fetchFolder } from './fetch-folder.js';
import type { FolderReader } from './folder-reader.js';
import type { ArrayValue } from './graph-codec.js';
import { cacheNames, DECODER, EMBED_TOKENS } from './graph-rows.js';
import { loadGraphs, type Graphs } from './graphs.js';
import { loadOrt, type Device } from './ort.js';
import { choosePrecision, readDescribed, readDescription } from './read-config.js';
import type { WebEvent, WebModel } from './web-model.js';

/** Options of {@link loadModel}. */
export interface LoadModelOptions {
  /** Device to compute on; `auto` (default) is `webgpu` where there is an adapter and the model runs on it, else `wasm`. */
  readonly device?: Device | 'auto';
  /** Element type of the weights; defaults to the first of the folder. */
  readonly precision?: ExportPrecision;
  /** As in {@link loadOrt}. */
  readonly numThreads?: number;
  /** As in {@link loadOrt}. */
  readonly wasmPaths?: string;
  /** Called as the files arrive. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
  /** Keeps the files in the browser's cache, so that the next load needs no network; defaults to true. */
  readonly cache?: boolean;
  /** Headers of the requests for files, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Progress of {@link loadModel}. */
export interface LoadProgress {
  /** The file that arrives. */
  readonly file: string;
  /** Bytes of all files so far. */
  readonly loaded: number;
  /** Bytes of all files. */
  readonly total: number;
}

const FIELDS = {
  device: true,
  precision: true,
  numThreads: true,
  wasmPaths: true,
  onProgress: true,
  signal: true,
  cache: true,
  headers: true,
};

/**
 * Loads an exported model.
 *
 * @param source URL of the folder, or what reads its files
 * @throws TransfusionError `not-found` for a missing file, `invalid-file` for a broken one, `mismatch` for a folder of a later
 *   version, `invalid-argument` for an unknown option
 */
export async function loadModel(
  source: string | URL | FolderReader,
  options: LoadModelOptions = {},
): Promise<WebModel> {
  checkFields('loadModel: options', options, FIELDS);
  const { device = 'auto', onProgress, signal, cache = true, headers } = options;
  const warnings: string[] = [];
  const folder =
    typeof source === 'string' || source instanceof URL
      ? fetchFolder(source, { cache, headers, onWarning: (warning) => warnings.push(warning) })
      : source;
  const { config, generation } = await readDescription(folder, signal);
  const precision = choosePrecision(config, options.precision);
  const total = totalBytes(config, precision);
  let before = 0;
  const files = new Map<string, Promise<Uint8Array>>();
  const readOnce = async (path: string): Promise<Uint8Array> => {
    const bytes = await readDescribed(folder, config, path, {
      signal,
      onBytes: (loaded) => onProgress?.({ file: path, loaded: before + loaded, total }),
    });
    before += bytes.length;
    return bytes;
  };
  /** A second device needs the same files. */
  const read = (path: string): Promise<Uint8Array> => {
    const known = files.get(path) ?? readOnce(path);
    files.set(path, known);
    return known;
  };
  const loadOn = async (where: Device): Promise<Graphs> => {
    const ort = await loadOrt(where, options);
    return loadGraphs(folder, {
      ort,
      device: where,
      precision,
      names: graphNames(config),
      axes: graphAxes(config),
      read,
    });
  };
  const { graphs, device: chosen } = await firstThatWorks(device, loadOn, warnings, signal);
  try {
    const model = await exportedModel(folder, config, graphs, read);
    files.clear();
    const generator = createDocumentGenerator(model, { config, generation }, graphs);
    const { samplers, ...defaults } = generation;
    return {
      config,
      generation: defaults,
      samplers: Object.fromEntries(
        Object.entries(samplers).map(([modality, programs]) => [modality, samplersOf(programs)]),
      ),
      device: chosen,
      precision,
      warnings,
      async *generate(request, { signal: stop } = {}) {
        stop?.throwIfAborted();
        const { inpaint, ...rest } = request;
        const known = inpaint && (await knownPart(spansOf(model, request.output), inpaint));
        const filled = {
          numInferenceSteps: generation.num_inference_steps,
          guidanceScale: generation.guidance_scale,
          ...rest,
          known,
        };
        const { start } = await prepareOutputs(generator, filled as GenerateRequest);
        for await (const output of start({ signal: stop })) {
          const event = webEvent(config, output);
          if (inpaint === undefined || event.type !== 'value') yield event;
          else yield { ...event, value: await withKnownPixels(event.value, inpaint) };
        }
      },
      dispose: () => graphs.dispose(),
    };
  } catch (error) {
    await graphs.dispose();
    throw error;
  }
}

function spansOf({ modalities }: DocumentModel, output: string): ContinuousModality {
  const modality: Modality = modalities.get(output);
  if (modality.kind === 'continuous') return modality;
  throw new TransfusionError(
    'invalid-argument',
    `generate: inpaint is set, but output '${output}' has no latents. Omit it, or choose an image as output.`,
  );
}

/** Loads on WebGPU where it works, unless the device is given. */
async function firstThatWorks(
  device: Device | 'auto',
  load: (device: Device) => Promise<Graphs>,
  warnings: string[],
  signal: AbortSignal | undefined,
): Promise<{ readonly graphs: Graphs; readonly device: Device }> {
  if (device !== 'auto') return { graphs: await load(device), device };
  if (await hasWebGpu()) {
    try {
      return { graphs: await load('webgpu'), device: 'webgpu' };
    } catch (error) {
      signal?.throwIfAborted();
      warnings.push(`WebGPU does not run this model, so it runs on wasm: ${(error as Error).message}`);
    }
  }
  return { graphs: await load('wasm'), device: 'wasm' };
}

interface Gpu {
  requestAdapter(): Promise<unknown>;
}

async function hasWebGpu(): Promise<boolean> {
  const { gpu } = (globalThis.navigator ?? {}) as { readonly gpu?: Gpu };
  return gpu !== undefined && (await gpu.requestAdapter().catch(() => null)) !== null;
}

/** Lengths that inputs of the graphs must have, by their names; named axes may have any. */
export function graphAxes(config: ExportConfig): Readonly<Record<string, readonly (number | undefined)[]>> {
  const { num_key_value_heads: KV, head_dim: E, hidden_size: D } = config;
  const cache = cacheNames(config).map(
    (name) => [`past_key_values.${name}`, [undefined, KV, undefined, E]] as const,
  );
  return { inputs_embeds: [undefined, undefined, D], ...Object.fromEntries(cache) };
}

/** Returns the bytes of all files of a precision. */
function totalBytes({ files, modalities }: ExportConfig, precision: ExportPrecision): number {
  const suffix = SUFFIXES[precision];
  const graphs = graphNames({ modalities }).map((name) => `onnx/${name}${suffix}.onnx`);
  const texts = modalities.flatMap((modality) => (modality.kind === 'discrete' ? [modality.tokenizer] : []));
  const paths = [`onnx/weights${suffix}.onnx_data`, ...graphs, ...new Set(texts)];
  return paths.reduce((sum, path) => sum + (files[path]?.bytes ?? 0), 0);
}

/** Names of all graphs of a folder. */
export function graphNames({ modalities }: Pick<ExportConfig, 'modalities'>): readonly string[] {
  const spans = modalities.flatMap((modality) =>
    modality.kind === 'discrete'
      ? []
      : modality.shapes.flatMap(({ decoder, embedder, denoiser, value_encoder, value_decoder }) => [
          decoder,
          embedder,
          denoiser,
          value_encoder,
          value_decoder,
        ]),
  );
  return [...new Set([EMBED_TOKENS, DECODER, ...spans])];
}

function webEvent({ modalities }: ExportConfig, event: OutputEvent): WebEvent {
  if (event.type === 'value') {
    const spans = modalities.find(({ name }) => name === event.modality);
    const mediaType = spans?.kind === 'continuous' ? spans.media_type : undefined;
    return { type: 'value', modality: event.modality, mediaType, value: event.value as ArrayValue };
  }
  if (event.type !== 'denoise-step') return event;
  return { ...event, preview: event.preview as () => Promise<ArrayValue> };
}
