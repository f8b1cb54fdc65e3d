/** Tokens and spans in time. */
import type { Span, Timeline } from '../timeline/timeline.js';

/** A bar for each text and each value; a tick for each token and each denoising step. */
export function TimelineChart({ timeline }: { readonly timeline: Timeline }) {
  const { spans, startedAt, endedAt } = timeline;
  const end = endedAt ?? Math.max(spans.at(-1)?.end ?? 0, startedAt ?? 0, 1);
  const percent = (time: number): string => `${(100 * time) / end}%`;
  return (
    <div class="timeline">
      <ol class="timeline-rows">
        {startedAt !== undefined && (
          <li class="timeline-row">
            <span class="timeline-label">queue, prompt</span>
            <div class="timeline-track">
              <div
                class="timeline-span"
                data-kind="queue"
                style={{ left: '0%', width: percent(startedAt) }}
              />
            </div>
          </li>
        )}
        {spans.map((span) => (
          <li key={`${span.item} ${span.kind}`} class="timeline-row">
            <span class="timeline-label">{labelOf(span)}</span>
            <div class="timeline-track">
              <div
                class="timeline-span"
                data-kind={span.kind}
                style={{
                  left: percent(span.start),
                  width: percent(Math.max(end / 200, span.end - span.start)),
                }}
              />
              {[...span.pieces, ...span.steps.map(({ at }) => at)].map((at) => (
                <i key={at} class="timeline-tick" style={{ left: percent(at) }} />
              ))}
            </div>
          </li>
        ))}
      </ol>
      <p class="timeline-axis muted small numeric" aria-hidden="true">
        <span>0 s</span>
        <span>{(end / 2000).toFixed(2)} s</span>
        <span>{(end / 1000).toFixed(2)} s</span>
      </p>
    </div>
  );
}

function labelOf({ kind, pieces, steps, mediaType }: Span): string {
  if (kind === 'text') return `text, ${pieces.length} ${pieces.length === 1 ? 'piece' : 'pieces'}`;
  const name = mediaType?.split('/')[0] ?? 'image';
  return steps.length === 0 ? name : `${name}, ${steps.length} steps`;
}
