import { createRequire } from 'node:module';

/** The part of jasmine's tree of suites and specs that is read here. */
export interface JasmineNode {
  readonly id: string;
  readonly description: string;
  readonly children?: readonly JasmineNode[];
}

export interface JasmineExpectation {
  readonly message: string;
  readonly stack?: string;
}

export interface JasmineResult {
  readonly id: string;
  readonly fullName: string;
  readonly status: string;
  readonly failedExpectations: readonly JasmineExpectation[];
}

export interface JasmineEnv {
  topSuite(): JasmineNode;
  configure(options: { random: boolean; specFilter: (spec: { readonly id: string }) => boolean }): void;
  addReporter(reporter: {
    specStarted(result: JasmineResult): void;
    specDone(result: JasmineResult): void;
    suiteDone(result: JasmineResult): void;
  }): void;
  execute(): Promise<{ readonly failedExpectations: readonly JasmineExpectation[] }>;
}

const jasmineCore = createRequire(import.meta.url)('jasmine-core') as {
  /** Defines `describe`, `it`, `expect` and the like as globals, which the suite expects. */
  boot(): { getEnv(): JasmineEnv; DEFAULT_TIMEOUT_INTERVAL: number };
};

const jasmine = jasmineCore.boot();

// The limit that TensorFlow.js sets itself, on another copy of jasmine.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;

export const jasmineEnv: JasmineEnv = jasmine.getEnv();
