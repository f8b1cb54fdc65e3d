import { describe, expect, it } from 'vitest';
import { emptyMask, invertMask, isEmptyMask, maskPixels, paintLine, type MaskBitmap } from './mask-bitmap.js';
import { currentMask, pushMask, redoMask, startHistory, undoMask } from './mask-history.js';

function rows({ width, height, data }: MaskBitmap): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map((value) => (value === 1 ? '#' : '.')).join(''),
  );
}

function painted(width: number, height: number, ...line: readonly [number, number, number, number, number]) {
  const mask = emptyMask(width, height);
  paintLine(mask, { x: line[0], y: line[1] }, { x: line[2], y: line[3] }, line[4], 1);
  return mask;
}

describe('paintLine', () => {
  it('paints what is near the line', () => {
    expect(rows(painted(6, 5, 1.5, 2.5, 4.5, 2.5, 1))).toEqual([
      '......',
      '.####.',
      '######',
      '.####.',
      '......',
    ]);
    expect(rows(painted(4, 4, 0.5, 0.5, 3.5, 3.5, 0.2))).toEqual(['#...', '.#..', '..#.', '...#']);
  });

  it('paints a pixel with the thinnest brush, and nothing outside', () => {
    expect(rows(painted(3, 2, 1.1, 1.9, 1.1, 1.9, 0.1))).toEqual(['...', '.#.']);
    expect(isEmptyMask(painted(3, 2, -5, -5, -4, 9, 1))).toBe(true);
  });

  it('erases', () => {
    const mask = invertMask(emptyMask(3, 1));
    paintLine(mask, { x: 1.5, y: 0.5 }, { x: 1.5, y: 0.5 }, 0.4, 0);
    expect(rows(mask)).toEqual(['#.#']);
  });
});

it('makes painted pixels transparent', () => {
  expect([...maskPixels({ width: 2, height: 1, data: Uint8Array.of(1, 0) })]).toEqual([
    0, 0, 0, 0, 0, 0, 0, 255,
  ]);
});

it('undoes and redoes', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map((width) => emptyMask(width, 1));
  let history = pushMask(pushMask(startHistory(a), b), c);
  history = undoMask(history);
  expect(currentMask(history)).toBe(b);
  expect(currentMask(redoMask(history))).toBe(c);
  history = pushMask(history, d);
  expect(currentMask(redoMask(history))).toBe(d);
  for (let i = 0; i < 5; i++) history = undoMask(history);
  expect(currentMask(history)).toBe(a);
});

it('keeps few states of large masks', () => {
  let history = startHistory(emptyMask(4096, 4096));
  for (let i = 0; i < 9; i++) history = pushMask(history, emptyMask(4096, 4096));
  expect(history.states).toHaveLength(4);
  expect(history.index).toBe(3);
});
