/** A TensorFlow.js backend the suite can run on. */
export interface BackendUnderTest {
  /** Module that registers the backend when imported; resolved from this package. */
  readonly module: string;
  /** Processes that share the suite. */
  readonly processes: number;
}

export const backends = {
  cpu: { module: '@tensorflow/tfjs-backend-cpu', processes: 1 },
  onnxruntime: { module: '@transfusion/tfjs-backend-onnxruntime', processes: 1 },
} as const satisfies Record<string, BackendUnderTest>;

/** Name under which the backend is registered in TensorFlow.js. */
export type BackendName = keyof typeof backends;

export const backendNames = Object.keys(backends) as BackendName[];

export function isBackendName(name: string): name is BackendName {
  return name in backends;
}
