/** An error that the user can repair; shown without a stack. */
export class EngineError extends Error {}

/** Runs `main`; its `EngineError` becomes a message and exit code 1. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
