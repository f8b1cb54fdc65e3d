/** Parts of a live line on a terminal. */

/** Returns to the start of the line and clears it. */
export const CLEAR_LINE = '\r\u001b[K';

const BAR_WIDTH = 20;

/** Draws a bar that is filled to a fraction. */
export function progressBar(fraction: number): string {
  const filled = Math.min(BAR_WIDTH, Math.floor(fraction * BAR_WIDTH));
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}]`;
}
