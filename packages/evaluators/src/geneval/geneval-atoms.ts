/**
 * Verdicts of GenEval (Ghosh et al. 2023, "GenEval: An Object-Focused Framework for Evaluating Text-to-Image Alignment",
 * section 3.2) on one image, in atoms: each requirement of a prompt is one. An image is correct if all atoms hold.
 */
import type { DetectedObject } from './detected-object.js';
import type { GenevalInclusion, GenevalPrompt } from './geneval-prompt.js';
import { relativePositions } from './relative-position.js';

/** Kinds of atoms. */
export const ATOM_KINDS = ['object', 'count', 'color', 'position', 'exclusion'] as const;

/** A requirement of a prompt, and whether it holds. */
export type GenevalAtom = {
  readonly kind: (typeof ATOM_KINDS)[number];
  /** `red dog: at least 1`. */
  readonly expected: string;
  readonly found: string;
  readonly holds: boolean;
};

/** Objects of an image by class, the most confident ones first. */
export type ObjectsByClass = ReadonlyMap<string, readonly DetectedObject[]>;

/**
 * Returns the atoms of a prompt: for each entry of `include` that the object is there at all, its count (of two or more), its
 * color and its position; for each entry of `exclude` that there are fewer. An atom does not hold if objects that it is about
 * are missing. Colors and positions are those of the most confident `count` objects; positions must hold between all pairs.
 *
 * @param colorOf returns the color of an object; called for objects whose color is tested
 */
export async function genevalAtoms(
  { include, exclude = [] }: GenevalPrompt,
  objects: ObjectsByClass,
  colorOf: (object: DetectedObject) => Promise<string>,
  positionThreshold: number,
): Promise<readonly GenevalAtom[]> {
  const atoms: GenevalAtom[] = [];
  const groups = include.map(({ class: name, count }) => (objects.get(name) ?? []).slice(0, count));
  for (const [i, inclusion] of include.entries()) {
    const numFound = objects.get(inclusion.class)?.length ?? 0;
    atoms.push(...presence(inclusion, numFound));
    if (inclusion.color !== undefined) {
      atoms.push(colorAtom(inclusion, await Promise.all(groups[i].map(colorOf))));
    }
    if (inclusion.position === undefined) continue;
    const target = include[inclusion.position[1]];
    atoms.push(positionAtom(inclusion, target, groups[i], groups[inclusion.position[1]], positionThreshold));
  }
  for (const { class: name, count } of exclude) {
    const numFound = objects.get(name)?.length ?? 0;
    const expected = `${name}: fewer than ${count}`;
    atoms.push({ kind: 'exclusion', expected, found: String(numFound), holds: numFound < count });
  }
  return atoms;
}

function presence({ class: name, count }: GenevalInclusion, numFound: number): GenevalAtom[] {
  const atom = (kind: 'object' | 'count', min: number): GenevalAtom => ({
    kind,
    expected: `${name}: at least ${min}`,
    found: String(numFound),
    holds: numFound >= min,
  });
  return count === 1 ? [atom('object', 1)] : [atom('object', 1), atom('count', count)];
}

function colorAtom({ class: name, count, color }: GenevalInclusion, colors: readonly string[]): GenevalAtom {
  return {
    kind: 'color',
    expected: `${color} ${name}: at least ${count}`,
    found: colors.join(', ') || 'none',
    holds: colors.filter((found) => found === color).length >= count,
  };
}

function positionAtom(
  { class: name, count, position }: GenevalInclusion,
  target: GenevalInclusion,
  group: readonly DetectedObject[],
  targets: readonly DetectedObject[],
  threshold: number,
): GenevalAtom {
  const [relation] = position!;
  const relations = group.flatMap((object) =>
    targets.map((other) => relativePositions(object.box, other.box, threshold)),
  );
  return {
    kind: 'position',
    expected: `${name} ${relation} ${target.class}`,
    found: relations.map((found) => found.join(' and ') || 'neither').join(', ') || 'none',
    holds:
      group.length === count &&
      targets.length === target.count &&
      relations.every((found) => found.includes(relation)),
  };
}
