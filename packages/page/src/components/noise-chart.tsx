/** The noise schedule of a model, and the timesteps at which a value was denoised. */
import type { DenoisingInfo } from '../api/backend.js';
import { noiseAt } from '../timeline/noise-at.js';
import type { StepRecord } from '../timeline/timeline.js';

const WIDTH = 480;
const HEIGHT = 120;

/** Noise by timestep as a line, from noise on the left to the clean value, and the steps as dots on it. */
export function NoiseChart({
  steps,
  denoising,
}: {
  readonly steps: readonly StepRecord[];
  readonly denoising: DenoisingInfo | undefined;
}) {
  const known = steps.flatMap(({ step, timestep }) => (timestep === undefined ? [] : [{ step, timestep }]));
  if (known.length === 0 || denoising === undefined) {
    return (
      <p class="muted">The timesteps of this reply, or the noise schedule of its model, are not known.</p>
    );
  }
  const { noiseSchedule } = denoising;
  const first = Math.max(noiseSchedule[0][0], known[0].timestep, 1);
  const most = Math.max(...noiseSchedule.map(([, sigma]) => sigma));
  const x = (timestep: number): number => WIDTH * (1 - timestep / first);
  const y = (sigma: number): number => HEIGHT * (1 - sigma / most);
  const line = noiseSchedule.map(([timestep, sigma]) => `${x(timestep)},${y(sigma)}`).join(' ');
  return (
    <figure class="noise-chart">
      <svg
        viewBox={`-6 -6 ${WIDTH + 12} ${HEIGHT + 12}`}
        role="img"
        aria-label={`Scale of the noise from timestep ${first} to 0; ${known.length} steps were taken`}
      >
        <line x1="0" y1={HEIGHT} x2={WIDTH} y2={HEIGHT} class="chart-axis" />
        <polyline points={line} class="chart-line" />
        {known.map(({ step, timestep }) => (
          <circle
            key={step}
            cx={x(timestep)}
            cy={y(noiseAt(noiseSchedule, timestep))}
            r="3"
            class="chart-dot"
          >
            <title>{`step ${step}: timestep ${Math.round(timestep)}`}</title>
          </circle>
        ))}
      </svg>
      <figcaption class="timeline-axis muted small numeric">
        <span>noise, t = {Math.round(first)}</span>
        <span>{known.length} steps</span>
        <span>clean, t = 0</span>
      </figcaption>
    </figure>
  );
}
