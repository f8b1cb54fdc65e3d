/** One requirement of a contract. Independent of the test runner: call `test(name, run)`. */
export interface ConformanceCheck {
  readonly name: string;
  /** Throws or rejects with a message that describes the problem. */
  run(): void | Promise<void>;
}

/** Fails a check unless the condition holds. */
export function expectThat(condition: unknown, problem: () => string): asserts condition {
  if (!condition) throw new Error(problem());
}
