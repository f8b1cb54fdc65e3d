/**
 * The meanings of token ids. A vocabulary is an append-only list of ranges: adding a modality, or a latent shape, to a
 * trained model changes no existing id.
 */
import { TransfusionError } from '@transfusion/errors';
import { formatShape, sameShape, type Shape } from './latent.js';
import type { ModalityRegistry } from './registry.js';

/** The meaning of a range of ids; plain data, written into checkpoints. */
export type VocabularyEntry =
  /** The beginning and the end of a document. */
  | { readonly kind: 'bos' | 'eos'; readonly size: 1 }
  /** The tokens of a discrete modality. */
  | { readonly kind: 'tokens'; readonly modality: string; readonly size: number }
  /** Opens a span of latents of this shape. */
  | { readonly kind: 'begin'; readonly modality: string; readonly latentShape: Shape; readonly size: 1 }
  /** Closes a span of the modality. */
  | { readonly kind: 'end'; readonly modality: string; readonly size: 1 };

/** Maps token ids to their meanings, and back. */
export interface Vocabulary {
  /** The ranges, in the order of their ids. */
  readonly entries: readonly VocabularyEntry[];
  /** Number of ids. */
  readonly size: number;
  readonly bos: number;
  readonly eos: number;
  /** Returns the range of a discrete modality's tokens. */
  tokensOf(modality: string): { readonly start: number; readonly size: number };
  /** Returns the id that opens a span. */
  beginOf(modality: string, latentShape: Shape): number;
  /** Returns the id that closes a span. */
  endOf(modality: string): number;
  /** Returns the entry that contains an id, and the id's offset in it. */
  at(id: number): { readonly entry: VocabularyEntry; readonly offset: number };
}

/**
 * Creates the vocabulary of the modalities in a registry. The entries of an earlier vocabulary, such as a checkpoint's,
 * come first and unchanged; new ones are appended.
 *
 * @throws TransfusionError `mismatch` if the size of a discrete modality differs from the earlier one
 */
export function createVocabulary(
  registry: ModalityRegistry,
  earlier: readonly VocabularyEntry[] = [],
): Vocabulary {
  const entries = [...earlier];
  const add = (entry: VocabularyEntry): void => {
    const existing = entries.find((known) => sameMeaning(known, entry));
    if (existing === undefined) entries.push(entry);
    else if (existing.size !== entry.size) {
      throw new TransfusionError(
        'mismatch',
        `Vocabulary: '${describe(entry)}' has ${entry.size} ids, expected ${existing.size} as in the earlier vocabulary. ` +
          'Load the tokenizer that the model was trained with.',
      );
    }
  };
  for (const { name, vocabSize } of registry.discrete)
    add({ kind: 'tokens', modality: name, size: vocabSize });
  add({ kind: 'bos', size: 1 });
  add({ kind: 'eos', size: 1 });
  for (const { name, latentShapes } of registry.continuous) {
    for (const latentShape of latentShapes) add({ kind: 'begin', modality: name, latentShape, size: 1 });
    add({ kind: 'end', modality: name, size: 1 });
  }
  return indexEntries(entries);
}

function indexEntries(entries: readonly VocabularyEntry[]): Vocabulary {
  const starts: number[] = [];
  let size = 0;
  for (const entry of entries) {
    starts.push(size);
    size += entry.size;
  }
  const startOf = (matches: (entry: VocabularyEntry) => boolean, name: string): number => {
    const index = entries.findIndex(matches);
    if (index < 0) {
      throw new TransfusionError(
        'not-found',
        `Vocabulary: unknown entry '${name}', expected one of ${entries.map((entry) => `'${describe(entry)}'`).join(', ')}.`,
      );
    }
    return starts[index];
  };
  return {
    entries,
    size,
    bos: startOf(({ kind }) => kind === 'bos', 'bos'),
    eos: startOf(({ kind }) => kind === 'eos', 'eos'),
    tokensOf: (modality) => {
      const matches = (entry: VocabularyEntry): boolean =>
        entry.kind === 'tokens' && entry.modality === modality;
      const start = startOf(matches, `${modality}:tokens`);
      return { start, size: entries.find(matches)!.size };
    },
    beginOf: (modality, latentShape) => {
      const entry: VocabularyEntry = { kind: 'begin', modality, latentShape, size: 1 };
      return startOf((known) => sameMeaning(known, entry), describe(entry));
    },
    endOf: (modality) => {
      const entry: VocabularyEntry = { kind: 'end', modality, size: 1 };
      return startOf((known) => sameMeaning(known, entry), describe(entry));
    },
    at: (id) => {
      if (!Number.isInteger(id) || id < 0 || id >= size) {
        throw new TransfusionError(
          'invalid-argument',
          `Vocabulary: the id is ${id}, expected 0 to ${size - 1}.`,
        );
      }
      const index = starts.findLastIndex((start) => start <= id);
      return { entry: entries[index], offset: id - starts[index] };
    },
  };
}

function sameMeaning(a: VocabularyEntry, b: VocabularyEntry): boolean {
  if (a.kind !== b.kind) return false;
  if ('modality' in a && 'modality' in b && a.modality !== b.modality) return false;
  return !(a.kind === 'begin' && b.kind === 'begin') || sameShape(a.latentShape, b.latentShape);
}

function describe(entry: VocabularyEntry): string {
  if (!('modality' in entry)) return entry.kind;
  const shape = entry.kind === 'begin' ? `:${formatShape(entry.latentShape)}` : '';
  return `${entry.modality}:${entry.kind}${shape}`;
}
