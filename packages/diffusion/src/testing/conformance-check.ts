/** One thing that a contract asks for. Belongs to no test runner: `test(name, run)` suits them all. */
export interface ConformanceCheck {
  readonly name: string;
  /** Throws, or rejects, with a message that says what is wrong. */
  run(): void | Promise<void>;
}

/** Fails a check unless the condition holds. */
export function expectThat(condition: unknown, problem: () => string): asserts condition {
  if (!condition) throw new Error(problem());
}
