/** Edits of images into another style. */
import { editInstructions } from '@transfusion/emoji';
import { validationIndices, labeledImages, openEmoji, type LabeledImage } from '../emoji-set.js';

/** An image, the instruction, and the real image of the same subject in the other style. */
export interface EditTask {
  readonly source: LabeledImage;
  readonly instruction: string;
  readonly target: LabeledImage;
}

/** Returns the first tasks: from a training image to a validation image of the same subject in another style. */
export async function editTasks(count: number): Promise<EditTask[]> {
  const [trained, validation] = [openEmoji('train'), openEmoji('validation')];
  const pairs = validationIndices(validation).flatMap((target, i) => {
    const { concept, style: to } = validation.images[target];
    const sources = [...trained.images.keys()].filter((k) => trained.images[k].concept.name === concept.name);
    if (sources.length === 0) return [];
    const source = sources[i % sources.length];
    const { style } = trained.images[source];
    const [instruction] = editInstructions({ kind: 'style-transfer', concept, style, to });
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
