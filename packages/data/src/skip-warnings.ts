import type { DocumentStream } from './document-stream.js';
import type { SkippedRecord } from './skipped-record.js';

/** Number of records whose location and reason are printed. */
const MAX_NAMED = 5;

/** Warnings by stream: each evaluation reads a stream from its start, and must not repeat them. */
const warningsByStream = new WeakMap<DocumentStream, (record: SkippedRecord) => void>();

/**
 * Returns a function that warns about a stream's skipped records on stderr: the first few with location and reason, then
 * their count at each power of ten.
 */
export function skipWarnings(stream: DocumentStream): (record: SkippedRecord) => void {
  const warn = warningsByStream.get(stream) ?? createWarnings();
  warningsByStream.set(stream, warn);
  return warn;
}

function createWarnings(): (record: SkippedRecord) => void {
  const skipped = new Set<string>();
  let nextCount = 10;
  return ({ source, location, reason }) => {
    const key = JSON.stringify([source, location]);
    // Every epoch reads it again.
    if (skipped.has(key)) return;
    skipped.add(key);
    if (skipped.size <= MAX_NAMED) console.warn(`skipped ${location}: ${reason}`);
    if (skipped.size === nextCount) {
      nextCount *= 10;
      console.warn(
        `skipped ${skipped.size} records. checkSource lists all unusable records; pass onSkip to report them yourself.`,
      );
    }
  };
}
