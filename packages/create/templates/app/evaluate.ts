/**
 * Evaluates a trained model on the validation set: `npm run evaluate`.
 *
 * Writes `evaluation.json` and `evaluation.png` into the run's folder. The sheet has pairs: on the left an image of the
 * validation set, on the right an image generated from its caption.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDocumentStream, streamBatches } from '@transfusion/data';
import { selectEngine } from '@transfusion/engine';
import { ciderD } from '@transfusion/evaluators';
import { imageGrid, resizeImage, writePng, type RgbImage } from '@transfusion/modality-image';
import { createRng } from '@transfusion/nn';
import { imageToText, textToImage } from '@transfusion/pipelines';
import { loadModel } from '@transfusion/runs';
import { validationLoss } from '@transfusion/trainer';
import { createRecipe } from './recipe.js';

/** At most this many images are captioned, and generated. */
const MAX_IMAGES = 64;

const recipe = await createRecipe();
const run = process.argv[2] ?? `runs/${recipe.name}`;
await selectEngine('auto');
const trained = await loadModel(run, recipe.modalities);
const pairs = await readPairs();
const captions = pairs.map(({ caption }) => caption);

console.log(`${run}, ${trained.step} steps: captioning ${pairs.length} images, and generating as many`);
const images = pairs.map(({ image }) => image);
const ofImages = await imageToText(trained, images);
const generated = await textToImage(trained, captions, { seed: 1 });
// If the model can caption the images it was trained for, its captions of what it generates tell whether that is what
// the prompt asks for.
const ofGenerated = await imageToText(trained, generated);

const results = {
  run,
  step: trained.step,
  validation: await measureLoss(),
  captionsOfImages: score(ofImages),
  captionsOfGeneratedImages: score(ofGenerated),
  images: captions.map((caption, i) => ({ caption, ofImage: ofImages[i], ofGenerated: ofGenerated[i] })),
};
console.log();
console.table(
  Object.fromEntries(
    (['captionsOfImages', 'captionsOfGeneratedImages'] as const).map((name) => [
      name,
      { 'exact match': `${Math.round(100 * results[name].exactMatch)} %`, 'CIDEr-D': results[name].ciderD },
    ]),
  ),
);
console.log(
  Object.entries(results.validation)
    .map(([name, loss]) => `${name} ${loss.toFixed(3)}`)
    .join('  '),
);

await writeFile(join(run, 'evaluation.json'), JSON.stringify(results, undefined, 2));
const sheet = images.map(async (image, i) => {
  const { width, height } = generated[i];
  return imageGrid([await resizeImage(image, width, height), generated[i]]);
});
await writePng(join(run, 'evaluation.png'), imageGrid(await Promise.all(sheet)));
console.log(`${join(run, 'evaluation.json')}, ${join(run, 'evaluation.png')}`);
trained.dispose();

/** Reads the images of the validation set with their captions. */
async function readPairs(): Promise<{ caption: string; image: RgbImage }[]> {
  const [{ source }] = await recipe.validation!();
  const count = Math.min(source.length, MAX_IMAGES);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { segments } = await source.read(i, createRng(i));
      const valueOf = (name: string) => segments.find(({ modality }) => modality === name)!.value;
      return { caption: valueOf('text') as string, image: valueOf('image') as RgbImage };
    }),
  );
}

/** Compares captions with those of the validation set, in order. */
function score(found: readonly string[]): { exactMatch: number; ciderD: number } {
  const exact = found.filter((caption, i) => caption === captions[i]).length;
  const samples = found.map((candidate, i) => ({ candidate, references: [captions[i]] }));
  return { exactMatch: exact / found.length, ciderD: Number(ciderD(samples).mean.toFixed(2)) };
}

/** Returns the loss on the validation set and its parts, as during training. */
async function measureLoss(): Promise<Record<string, number>> {
  const { batch: shape, captionNoiseLimit, evaluation, seed } = recipe;
  const stream = createDocumentStream(await recipe.validation!(), seed);
  const { model, params } = trained;
  const loss = validationLoss({
    model,
    every: 1,
    batches: () => streamBatches(stream, { model, shape, captionNoiseLimit }),
    numBatches: evaluation!.batches,
  });
  try {
    return await loss.evaluate(params);
  } finally {
    loss.dispose();
  }
}
