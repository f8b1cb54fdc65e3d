/**
 * Sizes that depend on named axes, as polynomials with whole coefficients in which no axis is squared:
 * `rows * length`, `past + length`, `16 * rows`.
 */

/** Coefficient of each product of axes, by the bit mask of its axes: bit i is axis i, 0 the constant. */
export type SizeExpression = readonly number[];

/** An axis, and the two sizes at which a function is traced. */
export interface TracedAxis {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/**
 * Finds the expression of a number that is known at each corner.
 *
 * @param corners values by the bit mask of the axes at their high size
 * @returns undefined if no expression of this kind has these values
 */
export function fitSize(corners: readonly number[], axes: readonly TracedAxis[]): SizeExpression | undefined {
  const coefficients = [...corners];
  axes.forEach(({ low, high }, axis) => {
    for (let corner = 0; corner < coefficients.length; corner++) {
      if ((corner & (1 << axis)) === 0) continue;
      const without = corner ^ (1 << axis);
      const slope = (coefficients[corner] - coefficients[without]) / (high - low);
      coefficients[without] -= slope * low;
      coefficients[corner] = slope;
    }
  });
  return coefficients.every(Number.isInteger) ? coefficients : undefined;
}

/** Computes a size from those of the axes, in order. */
export function evaluateSize(expression: SizeExpression, sizes: readonly number[]): number {
  let sum = 0;
  for (let mask = 0; mask < expression.length; mask++) {
    if (expression[mask] === 0) continue;
    let product = expression[mask];
    for (let axis = 0; axis < sizes.length; axis++) if ((mask & (1 << axis)) !== 0) product *= sizes[axis];
    sum += product;
  }
  return sum;
}

/** Returns the value of an expression without axes; undefined for any other. */
export function constantSize(expression: SizeExpression): number | undefined {
  return expression.every((coefficient, mask) => mask === 0 || coefficient === 0) ? expression[0] : undefined;
}

/** Formats an expression, such as `rows * length + 1`. */
function formatSize(expression: SizeExpression, axes: readonly TracedAxis[]): string {
  const terms = [...expression.keys()]
    .filter((mask) => expression[mask] !== 0)
    .reverse()
    .map((mask) => {
      const names = axes.filter((_, axis) => (mask & (1 << axis)) !== 0).map(({ name }) => name);
      const factors = expression[mask] === 1 && names.length > 0 ? names : [expression[mask], ...names];
      return factors.join(' * ');
    });
  return terms.length === 0 ? '0' : terms.join(' + ');
}

/** Describes a shape: numbers, axes and formatted expressions of them. */
export function formatShape(
  shape: readonly SizeExpression[],
  axes: readonly TracedAxis[],
): (number | string)[] {
  return shape.map((size) => constantSize(size) ?? formatSize(size, axes));
}
