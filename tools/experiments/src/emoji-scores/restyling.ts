/** Pictures by one artist that are to become as another drew them. */
import { editInstructions } from '@transfusion/data';
import { heldOutIndices, labelledPictures, openEmoji, type LabelledPicture } from '../emoji-set.js';

/** A picture, what is to become of it, and what the other artist made of the subject. */
export interface RestyleTask {
  readonly source: LabelledPicture;
  readonly instruction: string;
  readonly target: LabelledPicture;
}

/** The first tasks whose target is held out, from a picture of the training split in another style. */
export async function restyleTasks(count: number): Promise<RestyleTask[]> {
  const [trained, heldOut] = [openEmoji('train'), openEmoji('held-out')];
  const pairs = heldOutIndices(heldOut).flatMap((target, i) => {
    const { concept, style: to } = heldOut.pictures[target];
    const sources = [...trained.pictures.keys()].filter(
      (k) => trained.pictures[k].concept.name === concept.name,
    );
    if (sources.length === 0) return [];
    const source = sources[i % sources.length];
    const { style } = trained.pictures[source];
    const [instruction] = editInstructions({ kind: 'restyle', concept, style, to });
    return [{ source, instruction, target }];
  });
  const chosen = pairs.slice(0, count);
  const sources = await labelledPictures(
    trained,
    chosen.map(({ source }) => source),
  );
  const targets = await labelledPictures(
    heldOut,
    chosen.map(({ target }) => target),
  );
  return chosen.map(({ instruction }, i) => ({ source: sources[i], instruction, target: targets[i] }));
}
