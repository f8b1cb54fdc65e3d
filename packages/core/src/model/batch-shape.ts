/** Options for the shape of a run's batches, and their defaults. */
import { TransfusionError } from '@transfusion/errors';
import { NUM_DOCUMENT_MARKERS, NUM_SPAN_MARKERS } from '../sequence/layout.js';
import type { BatchShape } from '../sequence/pack.js';
import { spanGroupKinds } from '../sequence/span-groups.js';
import { trainingFlops } from './flops.js';
import type { Transfusion } from './transfusion.js';

/** The parts of a model that a batch's shape depends on. */
type SizedModel = Pick<Transfusion, 'modalities' | 'vocabulary' | 'transformer'>;

/** A {@link BatchShape} with an optional span capacity. */
export interface BatchShapeOptions {
  /** B: number of rows. */
  readonly numRows: number;
  /** S: positions per row. */
  readonly rowLength: number;
  /**
   * N: span slots by group (`image:32x32x3`); absent groups have none. Defaults to the number that the rows
   * can hold; if that would add more than a tenth to the cost of a step, the latent shapes of a modality
   * share twice that number between them.
   */
  readonly spanCapacity?: Readonly<Record<string, number>>;
}

/** Factor by which a shape may exceed an even split if shapes share slots. */
const MARGIN = 2;

/** Maximum cost of empty slots, as a fraction of a step. */
const MAX_EMPTY_COST = 0.1;

/**
 * Fills in the span capacity. By default every group has at least the slots that one row can hold, so that
 * every document that fits into a row also fits into a batch.
 *
 * @throws TransfusionError `invalid-argument` for a capacity of an unknown group
 */
export function batchShape(model: SizedModel, options: BatchShapeOptions): BatchShape {
  const { numRows, rowLength, spanCapacity } = options;
  if (spanCapacity !== undefined) checkGroups(model, spanCapacity);
  return { numRows, rowLength, spanCapacity: spanCapacity ?? defaultSpanCapacity(model, options) };
}

function checkGroups({ modalities }: SizedModel, spanCapacity: Readonly<Record<string, number>>): void {
  const keys = spanGroupKinds(modalities).map(({ key }) => key);
  const unknown = Object.keys(spanCapacity).filter((key) => !keys.includes(key));
  if (unknown.length === 0) return;
  const expected = keys.length === 0 ? 'none: the model has no continuous modality' : keys.join(', ');
  throw new TransfusionError(
    'invalid-argument',
    `batchShape: spanCapacity has unknown groups ${unknown.join(', ')}, expected ${expected}. ` +
      'Fix the names, or omit spanCapacity to have it computed.',
  );
}

/**
 * Adapters compute empty slots too: if that is expensive, the shapes of a modality share slots, with a
 * margin.
 */
function defaultSpanCapacity(model: SizedModel, options: BatchShapeOptions): Record<string, number> {
  const all = slotsPerGroup(model, options, Infinity);
  const shared = slotsPerGroup(model, options, MARGIN);
  const flops = (spanCapacity: Record<string, number>): number =>
    trainingFlops(model, { ...options, spanCapacity });
  return flops(all) <= (1 + MAX_EMPTY_COST) * flops(shared) ? all : shared;
}

/**
 * Counts the slots that rows can hold, with each span between its markers, and divides them among the shapes.
 */
function slotsPerGroup(
  { modalities }: SizedModel,
  { numRows, rowLength }: BatchShapeOptions,
  margin: number,
): Record<string, number> {
  return Object.fromEntries(
    spanGroupKinds(modalities).map(({ key, modality, spanLength }) => {
      const perRow = Math.max(
        0,
        Math.floor((rowLength - NUM_DOCUMENT_MARKERS) / (spanLength + NUM_SPAN_MARKERS)),
      );
      const numShapes = modality.latentShapes.length;
      const shared = Math.ceil((numRows * perRow * Math.min(margin, numShapes)) / numShapes);
      return [key, Math.max(perRow, shared)];
    }),
  );
}
