/** A recipe that is available by name, such as in the CLI. */
export interface NamedRecipe<R, Settings> {
  /** One line for a list of recipes. */
  readonly description: string;
  /** What the recipe lacks for training, and what to do; absent if it can be trained. */
  readonly missing?: string;
  /** Creates the recipe; settings that do not apply to it are ignored. */
  create(settings?: Settings): R | Promise<R>;
}
