import type { SkippedRecord } from '@transfusion/data';

/** Returns a function that reports each record only once, although every epoch and evaluation reads it again. */
export function oncePerRecord(onSkip: (record: SkippedRecord) => void): (record: SkippedRecord) => void {
  const reported = new Set<string>();
  return (record) => {
    const key = JSON.stringify([record.source, record.location]);
    if (reported.has(key)) return;
    reported.add(key);
    onSkip(record);
  };
}
