/** A recipe that is available by name, such as in the CLI. */
export interface NamedRecipe<R, Settings> {
  /** One line for a list of recipes. */
  readonly description: string;
  /** Describes what the recipe lacks for training, with the remedy; absent if it can be trained. */
  readonly missing?: string;
  /** True if the recipe trains on a file of the user's; others have data of their own. */
  readonly takesData?: boolean;
  /** Creates the recipe; settings that do not apply to it are ignored. */
  create(settings?: Settings): R | Promise<R>;
}
