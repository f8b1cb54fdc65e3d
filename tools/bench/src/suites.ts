import type { Suite } from './suite.js';
import { engineSuite } from './suites/engine.js';
import { evaluateSuite } from './suites/evaluate.js';
import { generateSuite } from './suites/generate.js';
import { imageSuite } from './suites/image.js';
import { serveSuite } from './suites/serve.js';
import { trainSuite } from './suites/train.js';

/** By the name that the command takes. */
export const suites: Readonly<Record<string, Suite>> = {
  engine: engineSuite,
  train: trainSuite,
  image: imageSuite,
  generate: generateSuite,
  serve: serveSuite,
  evaluate: evaluateSuite,
};
