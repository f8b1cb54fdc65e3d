/**
 * The entry point of a suite process, bundled with one copy of TensorFlow.js core. The order of the
 * imports is the order of the effects: gradients of TensorFlow.js come before the backend, which
 * may register better ones, and the environment before the specs, which ask for it.
 */
import './jasmine-globals.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import 'backend-under-test';
import './test-environment.js';
import '@tensorflow/tfjs-core/dist/tests.js';
import { executeSuite } from './execute-suite.js';

await executeSuite();
// Some specs leave timers behind.
process.exit(0);
