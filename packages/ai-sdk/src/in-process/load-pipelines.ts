/** Loads `@transfusion/pipelines`, an optional peer: users of a server do not need it. */
export async function loadPipelines(): Promise<typeof import('@transfusion/pipelines')> {
  try {
    return await import('@transfusion/pipelines');
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n', 1);
    throw new Error(
      `transfusionInProcess: @transfusion/pipelines cannot be loaded (${reason}). ` +
        'Install it: npm install @transfusion/pipelines',
      { cause },
    );
  }
}
