/** `1,234` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `61 %` from 0.61. */
export function formatPercent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** `0.4 s`, `42 s` or `1 min 05 s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Three digits that matter: `0.042`, `4.2`, `42`, `4,200`. */
export function formatMilliseconds(value: number): string {
  return value < 9.95 ? value.toFixed(1) : formatCount(value);
}

/** `2.5×`, `25×` */
export function formatFactor(value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : formatCount(value)}×`;
}
