/** Each copy knows only its own trace: its `jit` cannot compile what the backend of another copy records. */
import { warnOfSecondCopy } from '@transfusion/errors';

warnOfSecondCopy(
  '@transfusion/tfjs-backend-onnxruntime',
  import.meta.url,
  'The jit of the second cannot compile functions.',
);
