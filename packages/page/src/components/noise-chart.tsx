/** The noise schedule of a model, and the timesteps at which a value was denoised. */
import type { DenoisingInfo } from '../api/backend.js';
import type { StepRecord } from '../timeline/timeline.js';

const WIDTH = 480;
const HEIGHT = 140;

/** Noise by timestep as a line, and the steps as dots on it; without the model's description, timesteps by step. */
export function NoiseChart({
  steps,
  denoising,
}: {
  readonly steps: readonly StepRecord[];
  readonly denoising: DenoisingInfo | undefined;
}) {
  const known = steps.filter(({ timestep }) => timestep !== undefined);
  if (known.length === 0) return <p class="muted">The server does not report timesteps.</p>;
  const scales = denoising?.noiseScales ?? [0, 1];
  const last = denoising?.numTrainTimesteps ?? Math.max(...known.map(({ timestep }) => timestep!), 1);
  const most = Math.max(...scales);
  // Time goes to the right, from noise to the clean value.
  const x = (timestep: number): number => WIDTH * (1 - timestep / last);
  const y = (scale: number): number => HEIGHT * (1 - scale / most);
  const scaleAt = (timestep: number): number => {
    const at = (timestep / last) * (scales.length - 1);
    const [low, high] = [scales[Math.floor(at)], scales[Math.ceil(at)]];
    return low + (high - low) * (at - Math.floor(at));
  };
  const line = scales.map((scale, i) => `${x((i * last) / (scales.length - 1))},${y(scale)}`).join(' ');
  const sampler = denoising && `of ${denoising.scheduler}`;
  return (
    <figure class="noise-chart">
      <svg
        viewBox={`-6 -6 ${WIDTH + 12} ${HEIGHT + 12}`}
        role="img"
        aria-label={`Scale of the noise ${sampler ?? ''} from timestep ${last} to 0; ${known.length} steps were taken`}
      >
        <line x1="0" y1={HEIGHT} x2={WIDTH} y2={HEIGHT} class="chart-axis" />
        <polyline points={line} class="chart-line" />
        {known.map(({ step, timestep }) => (
          <circle key={step} cx={x(timestep!)} cy={y(scaleAt(timestep!))} r="3.5" class="chart-dot">
            <title>
              step {step}: timestep {Math.round(timestep!)}
            </title>
          </circle>
        ))}
      </svg>
      <figcaption class="timeline-axis muted small numeric">
        <span>noise, t = {last}</span>
        <span>{known.length} steps</span>
        <span>clean, t = 0</span>
      </figcaption>
    </figure>
  );
}
