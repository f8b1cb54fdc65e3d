/**
 * Returns the CI service that can prove where a package was built: npm then publishes a statement of provenance with it.
 * undefined outside of CI, or if the job may not ask for an identity (`id-token` in its configuration).
 */
export function ciIdentity(env: NodeJS.ProcessEnv): string | undefined {
  if (env['ACTIONS_ID_TOKEN_REQUEST_URL']) return 'GitHub Actions';
  if (env['SIGSTORE_ID_TOKEN']) return 'GitLab CI';
  return undefined;
}
