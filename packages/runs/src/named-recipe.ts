/** A recipe that a program offers by name. */
export interface NamedRecipe<R, Settings> {
  /** A line for a list. */
  readonly description: string;
  /** Makes the recipe; settings that it has no use for are ignored. */
  create(settings?: Settings): R | Promise<R>;
}
