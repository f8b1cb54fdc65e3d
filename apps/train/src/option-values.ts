/** Parsers of option values; commander reports mistakes together with the option's name. */
import { InvalidArgumentError } from 'commander';

/** Makes a parser of integers from `least` on. */
export function integerFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected an integer of at least ${least}.`);
  };
}

/** Parses `96x64`, a width and a height in pixels. */
export function sizeInPixels(text: string): { readonly width: number; readonly height: number } {
  const [, width, height] = /^([1-9]\d*)x([1-9]\d*)$/.exec(text) ?? [];
  if (width !== undefined) return { width: Number(width), height: Number(height) };
  throw new InvalidArgumentError('Expected a width and a height in pixels: 96x64.');
}

/** Parses a number of at least 0. */
export function nonNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number of at least 0.');
}
