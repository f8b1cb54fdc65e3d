export {
  streamBatches,
  type BatchCursor,
  type BatchStreamOptions,
  type StreamedBatch,
} from './batch-stream.js';
export { captionPairs, type CaptionPairsOptions } from './caption-pairs.js';
export type { DocumentSource, ReadOptions } from './document-source.js';
export {
  createDocumentStream,
  type DocumentStream,
  type DocumentTransform,
  type MixturePart,
  type SourceInfo,
  type StreamCursor,
  type StreamEntry,
} from './document-stream.js';
export { editTriples, type EditTriplesOptions } from './edit-triples.js';
export { skipWarnings } from './skip-warnings.js';
export { skippedRecord, type SkippedRecord } from './skipped-record.js';
export { readTexts, type ReadTextsOptions } from './read-texts.js';
export { splitSource, type SplitSourceOptions } from './split-source.js';
export { hashValue } from './hash-value.js';
export { prepareDocument, type PrepareDocumentOptions, type PreparedDocument } from './prepare-document.js';
export type { SequenceCursor } from './sequence-stream.js';
export {
  checkSource,
  type CheckSourceOptions,
  type SkipReason,
  type SourceReport,
} from './readers/check-source.js';
export { cocoCaptions, type CocoCaptionsOptions } from './readers/coco-captions.js';
export { captionedFolder, fileTable, type CaptionedFolderOptions } from './readers/captioned-folder.js';
export {
  decodeFile,
  type FileMedia,
  type FileModalities,
  type FileModality,
} from './readers/file-modality.js';
export { jsonlDocuments, type JsonlDocumentsOptions } from './readers/jsonl-documents.js';
export { openDocuments } from './readers/open-documents.js';
export { parquetDocuments, type ParquetDocumentsOptions } from './readers/parquet-documents.js';
export { readRows, type Row } from './readers/read-rows.js';
export { textDocuments } from './readers/text-documents.js';
export { webDataset, type WebDatasetOptions } from './readers/web-dataset.js';
export { cacheLatents, type CacheLatentsOptions } from './latent-cache/cache-latents.js';
