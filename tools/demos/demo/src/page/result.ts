/** What the demo has to show; the page is made of this and nothing else. */
export interface DemoResult {
  /** Drawn from a prompt, in the order to show. */
  readonly drawings: readonly Drawing[];
  /** Said of images that were held out. */
  readonly captions: readonly Caption[];
  /** What the model that ships made of validation images. */
  readonly edits: readonly Edit[];
  /** The same few prompts, drawn while the model trained. */
  readonly progress: readonly ProgressStep[];
  readonly progressPrompts: readonly string[];
  readonly losses: readonly LossPoint[];
  /** What a reader may want to know of the run, in groups. */
  readonly facts: readonly FactGroup[];
  /** The figures at the top. */
  readonly headline: readonly { readonly value: string; readonly label: string }[];
}

export interface Drawing {
  readonly prompt: string;
  readonly png: Uint8Array;
  /** Drawn by the model that ships. */
  readonly shipped: Uint8Array;
  /** The artist's image of the same subject in the same style. */
  readonly reference?: Uint8Array;
  /** Whether the pair of subject and style was in no training batch. */
  readonly validation: boolean;
}

export interface Caption {
  readonly png: Uint8Array;
  readonly said: string;
  /** What the model that ships says. */
  readonly shipped: string;
  readonly expected: string;
}

export interface Edit {
  readonly before: Uint8Array;
  readonly instruction: string;
  readonly after: Uint8Array;
}

export interface ProgressStep {
  readonly step: number;
  /** All prompts in one image, row by row. */
  readonly png: Uint8Array;
}

export interface LossPoint {
  readonly step: number;
  /** By part: `tokens`, `image`. */
  readonly parts: Readonly<Record<string, number>>;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}
