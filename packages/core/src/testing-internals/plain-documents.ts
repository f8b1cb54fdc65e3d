import type { EncodedDocument } from '@transfusion/modality';
import { collectDocuments } from '../generate/collect-documents.js';
import { generatePlain } from '../generate/plain-generate.js';
import type { GenerationRequest } from '../generate/request.js';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';

/** Returns the segments that the plain loop generates for each request. */
export function plainDocuments(
  model: Transfusion,
  params: TransfusionParams,
  requests: readonly GenerationRequest[],
): Promise<EncodedDocument[]> {
  return collectDocuments(requests.length, generatePlain(model, params, requests));
}
