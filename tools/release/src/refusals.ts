/** Reasons not to release from a repository. */
import { parseAddress } from './repository-address.js';

/** The state of the repository that decides whether a release may begin. */
export interface RepositoryState {
  readonly branch: string;
  /** Lines of `git status`: files that are not committed. */
  readonly changes: readonly string[];
  /** `repository` of the root's package.json. */
  readonly repository?: unknown;
}

/** Returns the reasons not to begin a release; a dry run only reports them. */
export function refusals({ branch, changes, repository }: RepositoryState): string[] {
  return [
    branch !== 'main' && `the branch is ${branch || 'none'}, expected main. Run: git switch main`,
    changes.length > 0 &&
      `found changes that are not committed (${changes.length}: ${changes[0].trim()} …), expected none. Commit or stash them.`,
    addressProblem(repository),
  ].filter((problem) => typeof problem === 'string');
}

function addressProblem(repository: unknown): string | undefined {
  try {
    parseAddress(repository);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The state of accounts that only a release asks for: it takes the network. */
export interface AccountState {
  /** Number of commits on origin's main that are not in this one. */
  readonly behind: number;
  /** npm's user. */
  readonly publisher: string | undefined;
  /** The name that commits and tags get. */
  readonly committer: string | undefined;
}

/** Returns the reasons why publishing would fail at the end. */
export function accountRefusals({ behind, publisher, committer }: AccountState): string[] {
  return [
    behind > 0 && `main lacks ${behind} commits of origin. Run: git pull`,
    publisher === undefined && 'npm knows no user, expected one who may publish. Run: npm login',
    committer === undefined &&
      'git knows no name for commits and tags. Run: git config user.name and git config user.email',
  ].filter((problem) => problem !== false);
}
