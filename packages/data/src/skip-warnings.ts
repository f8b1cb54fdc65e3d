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
  const named = new Set<string>();
  let count = 0;
  let nextCount = 10;
  return ({ source, location, reason }) => {
    count++;
    const key = JSON.stringify([source, location]);
    if (!named.has(key) && named.size < MAX_NAMED) {
      named.add(key);
      console.warn(`skipped ${location}: ${reason}`);
    }
    if (count === nextCount) {
      nextCount *= 10;
      console.warn(
        `skipped records ${count} times. checkSource lists all unusable records; pass onSkip to report them yourself.`,
      );
    }
  };
}
