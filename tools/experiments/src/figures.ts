/** Formats a share from 0 to 1: `87.5 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
