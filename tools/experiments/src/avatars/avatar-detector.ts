/** A detector of what a face wears: a classifier for each part, of its colors and of its absence. */
import * as tf from '@transfusion/tfjs';
import type { DetectedObject, ObjectDetector } from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import { adamW, createRng, disposeParams, warmupCosine } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { createTrainStep } from '@transfusion/trainer';
import { classifierBatches } from '../judge/classifier-batches.js';
import { classifierModel } from '../judge/classifier-model.js';
import { createClassifier, type ClassifierParams, type ImageClassifier } from '../judge/image-classifier.js';
import { AVATAR_COLORS, type Avatar, type AvatarAttributes } from './avatar-set.js';

/** Class of an absent part. */
const ABSENT = 'absent';
/** Class of a part without colors. */
const PRESENT = 'present';

const PARTS: Readonly<Record<keyof AvatarAttributes, readonly string[]>> = {
  shirt: AVATAR_COLORS,
  hat: [ABSENT, ...AVATAR_COLORS],
  glasses: [ABSENT, PRESENT],
  longHair: [ABSENT, PRESENT],
};

type Part = keyof AvatarAttributes;

/** Names of the parts in prompts. */
const CLASSES: Readonly<Record<Part, string>> = {
  shirt: 'shirt',
  hat: 'hat',
  glasses: 'glasses',
  longHair: 'long hair',
};

const STAGES = [
  { channels: 16, numBlocks: 1 },
  { channels: 32, numBlocks: 1 },
];
const NUM_IMAGES = 32;

/** A detector that holds weights. */
export interface AvatarDetector extends ObjectDetector<RgbImage> {
  dispose(): void;
}

/** Trains the detector from scratch: four small networks. */
export async function trainAvatarDetector(
  avatars: readonly Avatar[],
  steps: number,
): Promise<AvatarDetector> {
  const parts = Object.keys(PARTS) as Part[];
  const networks = new Map<Part, PartNetwork>();
  for (const part of parts) networks.set(part, await trainPart(avatars, part, steps));
  return {
    id: `classifiers of ${parts.join(', ')}, ${steps} steps on ${avatars.length} avatars`,
    classes: Object.values(CLASSES),
    detect: async (image) => {
      const found: DetectedObject[] = [];
      for (const part of parts) {
        const probs = await networks.get(part)!.classify(image);
        const absence = probs[PARTS[part].indexOf(ABSENT)] ?? 0;
        const present = PARTS[part].map((name, i) => (name === ABSENT ? -1 : probs[i]));
        const color = PARTS[part][present.indexOf(Math.max(...present))];
        const box = [0, 0, image.width, image.height] as const;
        found.push({ class: CLASSES[part], score: Math.min(1, Math.max(0, 1 - absence)), box, color });
      }
      // Present if that is more likely than not; GenEval's threshold is lower.
      return found.filter(({ score }) => score > 0.5);
    },
    dispose: () => networks.forEach(({ params }) => disposeParams(params)),
  };
}

interface PartNetwork {
  readonly params: ClassifierParams;
  /** Returns the probability of each class. */
  classify(image: RgbImage): Promise<ArrayLike<number> & Iterable<number>>;
}

async function trainPart(avatars: readonly Avatar[], part: Part, steps: number): Promise<PartNetwork> {
  const classifier = createClassifier({ stages: STAGES, numClasses: PARTS[part].length });
  const model = classifierModel(classifier);
  const examples = avatars.map(({ image, attributes }) => ({ image, label: labelOf(attributes, part) }));
  const batches = classifierBatches(examples, {
    numImages: NUM_IMAGES,
    seed: 1,
    halfSideSteps: 0,
    distortion: { tint: 0.05, softness: 0.3, noise: 0.05 },
  });
  const learningRate = warmupCosine({ peak: 1e-2, warmupSteps: 20, totalSteps: steps });
  const trainStep = createTrainStep(model, { optimizer: adamW({ weightDecay: 0.01 }) });
  let state = trainStep.init(model.init(createRng(1).fork(part)));
  for (let step = 0; step < steps; step++) {
    const { batch } = (await batches.next()).value;
    const tensors = model.batchTensors(batch, model.lossCounts([batch]));
    const result = trainStep.run(state, [tensors], { learningRate: learningRate(step), emaDecay: 0.95 });
    state = result.state;
    tf.dispose([tensors, result.report] as tf.TensorContainer);
  }
  trainStep.dispose();
  disposeParams({ params: state.params, optimizerState: state.optimizerState });
  return { params: state.ema, classify: classifyBy(classifier, state.ema) };
}

function classifyBy(classifier: ImageClassifier, params: ClassifierParams): PartNetwork['classify'] {
  const probsOf = jit(
    (weights: ClassifierParams, images: tf.Tensor4D) => tf.softmax(classifier.logits(weights, images)),
    { name: 'avatar part' },
  );
  return async ({ width, height, data }) => {
    const images = tf.tensor4d(
      Float32Array.from(data, (value) => value / 127.5 - 1),
      [1, height, width, 3],
    );
    const probs = probsOf(params, images);
    const values = await probs.data();
    tf.dispose([images, probs]);
    return values;
  };
}

function labelOf(attributes: AvatarAttributes, part: Part): number {
  const value = attributes[part] ?? false;
  if (typeof value === 'string') return PARTS[part].indexOf(value);
  return PARTS[part].indexOf(value ? PRESENT : ABSENT);
}
