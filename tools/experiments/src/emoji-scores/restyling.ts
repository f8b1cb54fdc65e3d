/** Images by one artist that are to become as another drew them. */
import { editInstructions } from '@transfusion/emoji';
import { validationIndices, labeledImages, openEmoji, type LabeledImage } from '../emoji-set.js';

/** An image, what is to become of it, and what the other artist made of the subject. */
export interface RestyleTask {
  readonly source: LabeledImage;
  readonly instruction: string;
  readonly target: LabeledImage;
}

/** The first tasks whose target is held out, from an image of the training split in another style. */
export async function restyleTasks(count: number): Promise<RestyleTask[]> {
  const [trained, validation] = [openEmoji('train'), openEmoji('validation')];
  const pairs = validationIndices(validation).flatMap((target, i) => {
    const { concept, style: to } = validation.images[target];
    const sources = [...trained.images.keys()].filter((k) => trained.images[k].concept.name === concept.name);
    if (sources.length === 0) return [];
    const source = sources[i % sources.length];
    const { style } = trained.images[source];
    const [instruction] = editInstructions({ kind: 'restyle', concept, style, to });
    return [{ source, instruction, target }];
  });
  const chosen = pairs.slice(0, count);
  const sources = await labeledImages(
    trained,
    chosen.map(({ source }) => source),
  );
  const targets = await labeledImages(
    validation,
    chosen.map(({ target }) => target),
  );
  return chosen.map(({ instruction }, i) => ({ source: sources[i], instruction, target: targets[i] }));
}
