import { describe, expect, test } from 'vitest';
import { createProgressBar, type ProgressBarOptions } from './progress-bar.js';
import { silence, type Terminal } from './terminal.js';

function draw(
  terminal: Partial<Terminal>,
  updates: number,
  options: Partial<ProgressBarOptions> = {},
): string[] {
  const written: string[] = [];
  let time = 0;
  const bar = createProgressBar(
    { ...silence(), ...terminal, write: (text) => written.push(text) },
    {
      label: 'training',
      total: 100,
      counted: 'step',
      unit: 'images',
      unitsEach: 8,
      now: () => time,
      ...options,
    },
  );
  for (let done = 1; done <= updates; done++) {
    time += 500;
    bar.update(done, 'loss 1.000');
  }
  return written;
}

describe('in a file or a pipe', () => {
  test('prints a line for each tenth', () => {
    const lines = draw({}, 100);
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe('  training   10 %   step  10/100   loss 1.000   16 images/s   45 s left\n');
    expect(lines[9]).toBe('  training  100 %   step 100/100   loss 1.000   16 images/s   50 s\n');
  });
});

describe('in a terminal', () => {
  test('draws over one line, and ends it', () => {
    const frames = draw({ isInteractive: true, columns: 100 }, 100);
    expect(frames.slice(0, -1).every((frame) => frame.startsWith('\r') && !frame.includes('\n'))).toBe(true);
    expect(frames.at(-1)).toBe('\n');
    expect(frames[49]).toContain(' 50 %   step  50/100   loss 1.000   16 images/s   25 s left');
  });

  test.each([100, 60, 30])('stays within %i columns', (columns) => {
    for (const frame of draw({ isInteractive: true, columns }, 100)) {
      expect(frame.replace('\r\x1b[2K', '').length).toBeLessThan(columns);
    }
  });

  test('spares the terminal when updates come fast', () => {
    let time = 0;
    const frames = draw({ isInteractive: true }, 99, { now: () => (time += 1) });
    expect(frames.length).toBeLessThan(20);
  });
});
