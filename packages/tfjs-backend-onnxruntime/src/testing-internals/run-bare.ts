import type * as tf from '@transfusion/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Runs a file in a plain session, as any other program would. */
export async function runBare(
  path: string,
  feeds: Readonly<Record<string, tf.Tensor>>,
): Promise<Record<string, { readonly dims: readonly number[]; readonly data: unknown }>> {
  const session = await InferenceSession.create(path);
  const results = await session.run(
    Object.fromEntries(
      Object.entries(feeds).map(([name, tensor]) => [
        name,
        new Tensor(tensor.dtype as 'float32', tensor.dataSync() as Float32Array, tensor.shape),
      ]),
    ),
  );
  await session.release();
  return results as never;
}
