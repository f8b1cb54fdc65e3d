/** Training and judging the emoji classifier. The optimizer is TensorFlow.js's own Adam. */
import * as tf from '@transfusion/tfjs';
import { createClassifier, type Classifier, type EmojiBatch } from './classifier.js';
import { emojiBatch } from './emoji-batch.js';
import type { EmojiDataset, LabeledEmoji } from './emoji-dataset.js';
import { seededRandom, shuffledIndices, type Random } from './seeded-random.js';
import type { TrainingTask } from './training.js';

export interface ClassifierTaskOptions {
  readonly channels: readonly [number, number, number];
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
}

export interface ClassifierTask extends TrainingTask<EmojiBatch> {
  readonly model: Classifier;
}

/** Indices into the data set's styles and groups. */
export interface Answer {
  readonly style: number;
  readonly group: number;
}

/** Parts of the images, 0 to 1, for which an answer is right. */
export interface Accuracy {
  readonly style: number;
  readonly group: number;
}

export function classifierTask(dataset: EmojiDataset, options: ClassifierTaskOptions): ClassifierTask {
  const { channels, batchSize, learningRate, seed } = options;
  const { size, styles, groups, train } = dataset;
  const model = createClassifier(
    { imageSize: size, channels, numStyles: styles.length, numGroups: groups.length },
    seed,
  );
  const optimizer = tf.train.adam(learningRate);
  const random = seededRandom(seed);
  const batches = shuffledBatches(train.characters.length, batchSize, random);

  return {
    name: 'classifier',
    model,
    batchSize,
    nextBatch: () => emojiBatch(train, size, batches.next().value, random),
    trainStep: (batch) => optimizer.minimize(() => model.loss(batch), true, model.variables)!,
    dispose: () => {
      model.dispose();
      optimizer.dispose();
    },
  };
}

/** The classifier's answer for each image. */
export function classify(model: Classifier, images: LabeledEmoji): Answer[] {
  const { imageSize } = model.config;
  const { style, group } = tf.tidy(() => {
    const everything = images.characters.map((_, index) => index);
    const scores = model.scores(emojiBatch(images, imageSize, everything).images);
    return { style: scores.style.argMax(-1), group: scores.group.argMax(-1) };
  });
  const [styleOf, groupOf] = [style.dataSync(), group.dataSync()];
  tf.dispose([style, group]);
  return images.characters.map((_, index) => ({ style: styleOf[index]!, group: groupOf[index]! }));
}

export function accuracyOf(answers: readonly Answer[], { styles, groups }: LabeledEmoji): Accuracy {
  const share = (isRight: (answer: Answer, index: number) => boolean): number =>
    answers.filter(isRight).length / answers.length;
  return {
    style: share(({ style }, index) => style === styles[index]),
    group: share(({ group }, index) => group === groups[index]),
  };
}

/** The accuracy of always giving the training set's most frequent answer. */
export function chanceAccuracy({ train, validation }: EmojiDataset): Accuracy {
  const constant = { style: mostFrequent(train.styles), group: mostFrequent(train.groups) };
  return accuracyOf(
    validation.characters.map(() => constant),
    validation,
  );
}

function mostFrequent(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** Passes over the data, each in a new order; what does not fill a batch is left out. */
function* shuffledBatches(count: number, batchSize: number, random: Random): Generator<Uint32Array, never> {
  for (;;) {
    const order = shuffledIndices(count, random);
    for (let start = 0; start + batchSize <= count; start += batchSize) {
      yield order.subarray(start, start + batchSize);
    }
  }
}
