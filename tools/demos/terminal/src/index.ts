export {
  formatCount,
  formatDuration,
  formatFactor,
  formatMilliseconds,
  formatPercent,
} from './format-number.js';
export { formatTable } from './format-table.js';
export { createProgressBar, type ProgressBar, type ProgressBarOptions } from './progress-bar.js';
export {
  paint,
  printHeading,
  printLines,
  silence,
  standardOutput,
  wrap,
  type Style,
  type Terminal,
} from './terminal.js';
