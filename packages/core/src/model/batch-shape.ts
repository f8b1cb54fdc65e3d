/** The shape of a run's batches, as a program or a recipe gives it. */
import { TransfusionError } from '@transfusion/errors';
import type { BatchShape } from '../sequence/pack.js';
import { spanGroupKinds } from '../sequence/span-groups.js';
import { trainingFlops } from './flops.js';
import type { Transfusion } from './transfusion.js';

/** What a batch's shape depends on. */
type SizedModel = Pick<Transfusion, 'modalities' | 'vocabulary' | 'transformer'>;

/** A {@link BatchShape} whose capacity for spans may be left out. */
export interface BatchShapeOptions {
  /** B. */
  readonly numRows: number;
  /** S. */
  readonly rowLength: number;
  /**
   * N: slots for spans, by group (`image:32x32x3`); a group that is absent has none. Defaults to as many as the rows
   * can hold; where that would cost a tenth of a step or more, the latent shapes of a modality share twice as many.
   */
  readonly spanCapacity?: Readonly<Record<string, number>>;
}

/** How much more frequent than an even split a shape may be where shapes share slots. */
const MARGIN = 2;

/** What empty slots may cost: this share of a step. */
const CHEAP = 0.1;

/**
 * Fills in the capacity for spans. By default no group has fewer slots than one row can hold, so that no document has
 * too many spans.
 *
 * @throws TransfusionError `invalid-argument` for a capacity of a group that the model does not have
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
  const expected = keys.length === 0 ? 'none, for no modality has spans' : keys.join(', ');
  throw new TransfusionError(
    'invalid-argument',
    `batchShape: spanCapacity has ${unknown.join(', ')}, which the model does not have; expected ${expected}. ` +
      'Mend the names, or leave spanCapacity out: it is then computed.',
  );
}

/** An adapter computes empty slots too: where that is expensive, the shapes of a modality share them, with a margin. */
function defaultSpanCapacity(model: SizedModel, options: BatchShapeOptions): Record<string, number> {
  const all = slotsPerGroup(model, options, Infinity);
  const shared = slotsPerGroup(model, options, MARGIN);
  const flops = (spanCapacity: Record<string, number>): number =>
    trainingFlops(model, { ...options, spanCapacity });
  return flops(all) <= (1 + CHEAP) * flops(shared) ? all : shared;
}

/** As many as rows can hold, documents end to end, each span between its markers; of that, each shape's part. */
function slotsPerGroup(
  { modalities }: SizedModel,
  { numRows, rowLength }: BatchShapeOptions,
  margin: number,
): Record<string, number> {
  // A document's begin and end, and each span's.
  const markers = 2;
  return Object.fromEntries(
    spanGroupKinds(modalities).map(({ key, modality, spanLength }) => {
      const perRow = Math.max(0, Math.floor((rowLength - markers) / (spanLength + markers)));
      const numShapes = modality.latentShapes.length;
      const part = Math.ceil((numRows * perRow * Math.min(margin, numShapes)) / numShapes);
      return [key, Math.max(perRow, part)];
    }),
  );
}
