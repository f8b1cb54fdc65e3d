/** Loads `@transfusion/pipelines`, an optional peer: users of a server do not need it. */
export async function loadPipelines(): Promise<typeof import('@transfusion/pipelines')> {
  try {
    return await import('@transfusion/pipelines');
  } catch (cause) {
    throw new Error(
      `transfusionInProcess: @transfusion/pipelines cannot be loaded (${(cause as Error).message}). ` +
        'Install it: npm install @transfusion/pipelines',
      { cause },
    );
  }
}
