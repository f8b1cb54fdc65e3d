export type { CachedLatent } from './cached-latent.js';
export { checkLatent } from './check-latent.js';
export { checkedAdapter } from './checked-adapter.js';
export { checkedScheduler } from './checked-scheduler.js';
export { decodeDocument, decodeDocuments } from './decode-document.js';
export { decodeIds, decodeLatents, previewLatent } from './decode-values.js';
export type { Document, Segment, SegmentOf } from './document.js';
export {
  encodeDocument,
  encodeDocuments,
  type EncodedDocument,
  type EncodedSegment,
} from './encode-document.js';
export { encodeIds, encodeLatents } from './encode-values.js';
export { formatShape, sameShape, sizeOf, type Latent, type Shape } from './latent.js';
export type { Media, MediaSheet } from './media.js';
export { createModality, type ModalityFactory, type StoredModality } from './modality-factory.js';
export type {
  AdapterSkips,
  ContinuousModality,
  DiscreteModality,
  LatentAdapter,
  CodecFunctions,
  LatentCodec,
  Modality,
  ValueOf,
} from './modality.js';
export { createPart, type PartFactory } from './part-factory.js';
export type { AssetReader, Assets, Json, PluginConfig } from './plugin-config.js';
export { createModalityRegistry, type ModalityRegistry } from './registry.js';
export { createVocabulary, type Vocabulary, type VocabularyEntry } from './vocabulary.js';
