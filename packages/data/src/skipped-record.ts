import type { TransfusionError } from '@transfusion/errors';
import type { StreamEntry } from './document-stream.js';

/** A record that was skipped. */
export interface SkippedRecord {
  /** Name of its source. */
  readonly source: string;
  /** Location of the record in its source, such as `captions.jsonl:17`. */
  readonly location: string;
  /** Reason for skipping it, without the location. */
  readonly reason: string;
}

/** Describes the record of an entry that was skipped because of an error. */
export function skippedRecord(
  { source, index }: Pick<StreamEntry, 'source' | 'index'>,
  { message }: TransfusionError,
): SkippedRecord {
  const location = source.locate(index);
  return { source: source.name, location, reason: withoutLocation(message, location) };
}

/** Removes the location that a reader's message begins with; messages from elsewhere have none. */
export function withoutLocation(message: string, location: string): string {
  return message.startsWith(`${location}: `) ? message.slice(location.length + 2) : message;
}
