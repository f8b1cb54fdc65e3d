/** The commands of a package manager. */
export interface PackageManager {
  readonly name: string;
  readonly install: string;
  /** Returns the command that runs a script of `package.json`. */
  run(script: string): string;
}

/**
 * Returns the package manager that started this program.
 *
 * @param userAgent the variable `npm_config_user_agent`, such as `pnpm/10.1.0 npm/? node/v20.19.0`; npm without it
 */
export function packageManagerOf(userAgent = 'npm'): PackageManager {
  const name = /^(?:pnpm|yarn|bun)(?=\/)/.exec(userAgent)?.[0] ?? 'npm';
  return {
    name,
    install: `${name} install`,
    run: (script) => (script === 'test' && name !== 'bun' ? `${name} test` : `${name} run ${script}`),
  };
}
