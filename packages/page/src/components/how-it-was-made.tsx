/** The making of a reply: tokens and spans in time, the noise schedule, where the time went. */
import { timeShares } from '../timeline/timeline.js';
import { models } from '../state/connection.js';
import type { Reply } from '../state/reply.js';
import { NoiseChart } from './noise-chart.js';
import { TimelineChart } from './timeline-chart.js';

/** All of it. */
export function HowItWasMade({ reply }: { readonly reply: Reply }) {
  const { timeline, settings, usage } = reply;
  const denoising = models.value.find(({ name }) => name === settings.model)?.denoising;
  const denoised = timeline.spans.filter(({ steps }) => steps.length > 0);
  return (
    <div class="making">
      <section>
        <h3>Timeline</h3>
        <TimelineChart timeline={timeline} />
        {usage !== undefined && (
          <p class="muted small">
            {usage.inputTokens} elements of the sequence were read, {usage.outputTokens} generated: tokens,
            and the positions of images.
          </p>
        )}
      </section>
      {denoised.length > 0 && (
        <section>
          <h3>Noise schedule</h3>
          <NoiseChart steps={denoised.at(-1)!.steps} denoising={denoising} />
        </section>
      )}
      <section>
        <h3>Where the time went</h3>
        <TimeBars reply={reply} />
      </section>
    </div>
  );
}

function TimeBars({ reply }: { readonly reply: Reply }) {
  const shares = timeShares(reply.timeline);
  const most = Math.max(...shares.map(({ milliseconds }) => milliseconds), 1);
  if (shares.length === 0) return <p class="muted">Nothing yet.</p>;
  return (
    <table class="time-bars">
      <tbody>
        {shares.map(({ name, milliseconds }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="time-bar">
              <div style={{ width: `${(100 * milliseconds) / most}%` }} />
            </td>
            <td class="numeric">
              {milliseconds < 1000
                ? `${milliseconds.toFixed(0)} ms`
                : `${(milliseconds / 1000).toFixed(2)} s`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
