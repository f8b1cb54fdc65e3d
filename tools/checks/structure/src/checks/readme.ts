const headings = ['What', 'Install', 'Use', 'API', 'Limits'];

/** A package's README has the project's second-level headings, in order; undefined if it does. */
export function readmeProblem(text: string): string | undefined {
  const found = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading.trim());
  const ours = found.filter((heading) => headings.includes(heading));
  if (ours.join() === headings.join()) return undefined;
  return `README.md has the headings ${ours.join(', ') || 'none'}, expected ${headings.join(', ')} in this order`;
}
