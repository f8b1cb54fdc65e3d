/** Metrics of captions such as `red apple, noto`, the subject and the style. */
import { ciderD, meanMetric, type Metric } from '@transfusion/evaluators';

/** Result of an example: what an image should show, and the caption that it got. */
export type RecognizedEmoji = {
  readonly subject: string;
  readonly style: string;
  readonly caption: string;
};

/**
 * Computes the shares of captions with the right style and the right subject, and CIDEr-D, with one reference each.
 *
 * @throws TransfusionError `invalid-argument` for fewer than two results
 */
export function captionMetrics(results: readonly RecognizedEmoji[]): Metric[] {
  const parsed = results.map(({ caption }) => parseCaption(caption));
  const share = (name: 'style' | 'subject'): Metric =>
    meanMetric(
      name,
      results.map((result, i) => Number(parsed[i][name] === result[name])),
      { unit: 'share', betterIs: 'higher' },
    );
  const { scores } = ciderD(
    results.map(({ caption, subject, style }) => ({
      candidate: caption,
      references: [`${subject}, ${style}`],
    })),
  );
  return [share('style'), share('subject'), meanMetric('CIDEr-D', scores, { betterIs: 'higher' })];
}

/** Splits at the last comma: `family man, boy, noto` is `family man, boy` in the style `noto`. */
function parseCaption(caption: string): { readonly subject: string; readonly style: string } {
  const comma = caption.lastIndexOf(',');
  return { subject: caption.slice(0, Math.max(0, comma)).trim(), style: caption.slice(comma + 1).trim() };
}
