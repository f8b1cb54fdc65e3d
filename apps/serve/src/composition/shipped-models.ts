import { emojiModelFolder } from '@transfusion/emoji';

/** Folders of the models shipped with the server, by the name that can be used instead of a run's folder. */
export const shippedModels: ReadonlyMap<string, string> = new Map([['emoji', emojiModelFolder]]);
