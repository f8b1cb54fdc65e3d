/** @tensorflow/tfjs-node 4.22.0 calls two functions of `node:util` that Node 23 removed. */
import util from 'node:util';

export function restoreNodeFunctions() {
  util.isNullOrUndefined ??= (value) => value == null;
  util.isArray ??= Array.isArray;
}
