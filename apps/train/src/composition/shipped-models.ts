import { emojiModelFolder } from '@transfusion/emoji';

/** Folders of the models that come with the program, by the name that stands for a run of that name. */
export const shippedModels: ReadonlyMap<string, string> = new Map([['emoji', emojiModelFolder]]);
