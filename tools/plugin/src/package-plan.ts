/** The part of a package that differs from generator to generator. */
export interface PackagePlan {
  /** Name without the scope; the folder's under `packages/`, too. */
  readonly packageName: string;
  readonly description: string;
  readonly layer: string;
  /** Workspace packages that it imports. */
  readonly dependencies: readonly string[];
  /** Its `README.md` and `src/`, contents by path in the package. */
  readonly files: ReadonlyMap<string, string>;
  /** A recipe for `tools/demos/examples/src`, contents by file name. */
  readonly recipe?: readonly [file: string, text: string];
}
