/** The answers to a template's questions, by flag. */
export type Answers = Readonly<Record<string, string>>;

/** A choice of a {@link Question}. */
export interface Choice {
  readonly value: string;
  readonly description: string;
}

/** Something that a template has to know: asked in a terminal, or taken from `--<flag>`. */
export interface Question {
  /** Name of the flag and of the answer, in kebab-case. */
  readonly flag: string;
  readonly message: string;
  /** The only answers there are; any text if absent. */
  readonly choices?: readonly Choice[];
  /** Returns the answer that is suggested, and taken without a terminal, from the target folder's name; required if absent. */
  suggest?(folderName: string): string;
  /** Returns the problem with an answer: what was found, what is expected. */
  problem?(answer: string): string | undefined;
}

/** A command to type after the installation. */
export interface NextStep {
  /** Script of the project's `package.json`. */
  readonly script: string;
  readonly description: string;
}

/** The contents of a new project. */
export interface Project {
  /** Folders under this package's `templates/`, or absolute paths; a file of a later one replaces that of an earlier one. */
  readonly folders: readonly string[];
  /** Replacements in contents and paths, made from the first to the last. */
  readonly replacements: readonly (readonly [from: string, to: string])[];
  readonly nextSteps: readonly NextStep[];
}

/** A kind of project that can be created. */
export interface Template {
  readonly name: string;
  readonly description: string;
  readonly questions: readonly Question[];
  /** Describes the project of some answers, which have no {@link Question.problem}. */
  project(answers: Answers): Project;
}
