/** Loading the package registers TensorFlow.js's gradients, over those that other packages have corrected since. */
import { warnOfSecondCopy } from '@transfusion/errors';

warnOfSecondCopy(
  '@transfusion/tfjs',
  import.meta.url,
  'The second replaces the gradients that @transfusion/tfjs-backend-onnxruntime corrects.',
);
