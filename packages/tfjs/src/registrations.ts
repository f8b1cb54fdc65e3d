/**
 * Registers with core what `@tensorflow/tfjs` registers, and core alone does not: all gradients, and the methods of tensors. The
 * build copies these modules of core into the package, since Node cannot load them. They reach the one core of the
 * process through its global registries.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
