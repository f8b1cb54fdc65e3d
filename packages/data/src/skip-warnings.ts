import type { DocumentStream } from './document-stream.js';
import type { SkippedRecord } from './prepare-document.js';

/** Records whose location and reason are printed. */
const MAX_NAMED = 5;

/** A stream is read from its start again by each evaluation, which must not repeat the warnings. */
const ofStreams = new WeakMap<DocumentStream, (record: SkippedRecord) => void>();

/**
 * Warns of a stream's skipped records on stderr: of the first few with location and reason, then at each power of ten
 * of how often a record was skipped.
 */
export function skipWarnings(stream: DocumentStream): (record: SkippedRecord) => void {
  const warn = ofStreams.get(stream) ?? boundedWarnings();
  ofStreams.set(stream, warn);
  return warn;
}

function boundedWarnings(): (record: SkippedRecord) => void {
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
        `skipped records ${count} times. checkSource lists all that cannot be used; give onSkip for reports of your own.`,
      );
    }
  };
}
