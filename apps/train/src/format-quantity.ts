/** Formats numbers for terminal output. */

const SI_PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/**
 * Formats a number with three significant digits, an SI prefix and a unit: `12.3 M`, `950 FLOP`,
 * `5.03 GFLOP`.
 */
export function formatSi(value: number, unit = ''): string {
  let [scaled, prefix] = [value, 0];
  // Rounding can reach 1000, which takes the next prefix: 999,999 is 1.00 M.
  while (Math.abs(Number(toDigits(scaled, prefix))) >= 1000 && prefix < SI_PREFIXES.length - 1) {
    prefix++;
    scaled = value / 1000 ** prefix;
  }
  return `${toDigits(scaled, prefix)} ${SI_PREFIXES[prefix]}${unit}`.trimEnd();
}

function toDigits(scaled: number, prefix: number): string {
  if (prefix === 0 && Number.isInteger(scaled)) return String(scaled);
  const size = Math.abs(scaled);
  if (size < 9.995) return scaled.toFixed(2);
  return scaled.toFixed(size < 99.95 ? 1 : 0);
}

/** Formats a number of bytes with a binary prefix: `1.50 GiB`. */
export function formatBytes(bytes: number): string {
  let [scaled, power] = [bytes, 0];
  while (Number(scaled.toFixed(2)) >= 1024 && power < BINARY_UNITS.length - 1) {
    power++;
    scaled = bytes / 1024 ** power;
  }
  return `${scaled.toFixed(power === 0 ? 0 : 2)} ${BINARY_UNITS[power]}`;
}

/** Formats a duration by its two largest units: `2 h 05 min`, `3 min 20 s`, `9 s`. */
export function formatDuration(duration: number): string {
  const totalSeconds = Math.round(duration);
  const hours = Math.floor(totalSeconds / 3600);
  const minutes = Math.floor(totalSeconds / 60) % 60;
  const seconds = totalSeconds % 60;
  if (hours > 0) return `${hours} h ${twoDigits(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${twoDigits(seconds)} s` : `${seconds} s`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
