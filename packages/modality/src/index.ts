export type { Document, Segment, SegmentOf } from './document.js';
export { formatShape, sameShape, sizeOf, type Latent, type Shape } from './latent.js';
export type {
  AdapterSkips,
  ContinuousModality,
  DiscreteModality,
  LatentAdapter,
  LatentCodec,
  Modality,
  ValueOf,
} from './modality.js';
