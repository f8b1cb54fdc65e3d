/**
 * Describes the first difference between two JSON values (`optimizer.beta1 is 0.9 there, 0.8 here`);
 * undefined if they are equal. The order of keys does not matter.
 *
 * @param there the stored value
 * @param here the expected value
 * @param path prefix of the names in the description
 */
export function firstDifference(there: unknown, here: unknown, path = ''): string | undefined {
  if (isTree(there) && isTree(here)) {
    const names = new Set([...Object.keys(there), ...Object.keys(here)]);
    for (const name of names) {
      const difference = firstDifference(there[name], here[name], path === '' ? name : `${path}.${name}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (there === here) return undefined;
  return `${path} is ${abbreviate(there)} there, ${abbreviate(here)} here`;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function abbreviate(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
