/** Addresses of files in memory. */

const urls = new WeakMap<Blob, string>();

/** Returns the address of a file, the same each time. */
export function urlOf(file: Blob): string {
  let url = urls.get(file);
  if (url === undefined) {
    url = URL.createObjectURL(file);
    urls.set(file, url);
  }
  return url;
}

/** Forgets the address of a file that is not shown any more. */
export function releaseUrl(file: Blob): void {
  const url = urls.get(file);
  if (url !== undefined) URL.revokeObjectURL(url);
  urls.delete(file);
}
