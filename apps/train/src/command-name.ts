/**
 * Returns the command as it can be typed where this process was started: a script of a project finds the command without
 * `npx`, its user's shell does not.
 */
export function commandName({ npm_lifecycle_event: script }: NodeJS.ProcessEnv = process.env): string {
  if (script === undefined) return 'transfusion';
  // The script of this repository, which runs from source.
  return script === 'transfusion' ? 'npm run transfusion --' : 'npx transfusion';
}
