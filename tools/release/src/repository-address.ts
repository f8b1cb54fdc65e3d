/** The repository's address on the web, and what the packages say about it. */
import { SetupError } from '@transfusion/setup/setup-error';

/** Stands in for the address in a dry run, where there is none yet; `.invalid` can never be one (RFC 2606). */
export const PLACEHOLDER = 'https://example.invalid/owner/name';

/** Advice for all mistakes in the setting. */
const REMEDY = 'Set it: npm pkg set repository=https://github.com/<owner>/<name>';

/** Checks `repository` of the root's package.json. @throws SetupError if it is missing or no address of a repository */
export function parseAddress(repository: unknown): string {
  if (repository === undefined) {
    throw new SetupError(
      `package.json has no "repository", expected the public address of this repository. ${REMEDY}`,
    );
  }
  if (typeof repository !== 'string' || !/^https:\/\/[^/\s]+(?:\/[\w.-]+){2,}$/.test(repository)) {
    throw new SetupError(
      `package.json: "repository" is ${JSON.stringify(repository)}, expected https://<host>/<owner>/<name>. ${REMEDY}`,
    );
  }
  return repository.replace(/\.git$/, '');
}

/** Fields of package.json, which lead from a package's page to the repository. */
export interface RepositoryFields {
  readonly repository: { readonly type: 'git'; readonly url: string; readonly directory: string };
  readonly homepage: string;
  readonly bugs: { readonly url: string };
}

/** @param directory the package's folder, such as `packages/nn` */
export function repositoryFields(address: string, directory: string): RepositoryFields {
  return {
    repository: { type: 'git', url: `git+${address}.git`, directory },
    homepage: `${fileAddress(address, 'tree', directory)}#readme`,
    bugs: { url: `${address}/issues` },
  };
}

/** Returns the page of a folder (`tree`) or a file (`blob`), or a file itself (`raw`), on GitHub or GitLab. */
export function fileAddress(address: string, kind: 'tree' | 'blob' | 'raw', path: string): string {
  const separator = new URL(address).hostname.includes('gitlab') ? '/-' : '';
  return `${address}${separator}/${kind}/HEAD/${path}`;
}
