import { TransfusionError } from '@transfusion/errors';

/** Modalities, and parts of them, whose versions were warned of. */
const warned = new Set<string>();

/**
 * Checks the version of the contract that a modality or a part of one follows. A newer minor version is accepted with a
 * warning (`TRANSFUSION_MINOR_VERSION`, through `process.emitWarning` where there is one), once per name and version.
 *
 * @param field name of the field, such as `diffusion.specificationVersion`
 * @throws TransfusionError `mismatch` for another major version, or anything else
 */
export function checkSpecificationVersion(name: unknown, field: string, version: unknown): void {
  if (version === 'v1') return;
  const found = typeof version === 'string' ? `'${version}'` : String(version);
  const problem = `modality '${String(name)}': ${field} is ${found}, expected 'v1'.`;
  const [, major, minor] = (typeof version === 'string' && /^v(\d+)(\.\d+)?$/.exec(version)) || [];
  if (major === '1' && minor !== undefined) {
    warnOnce(
      `${problem} What newer minor versions of the contract add has no effect. Install newer @transfusion packages.`,
    );
    return;
  }
  throw new TransfusionError(
    'mismatch',
    major === undefined
      ? `${problem} Write ${field}: 'v1'.`
      : `${problem} Install a version of its package that follows 'v1', or @transfusion packages that follow ${found}.`,
  );
}

/** Browsers have no `process.emitWarning`. */
function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  if (typeof process === 'undefined' || typeof process.emitWarning !== 'function') console.warn(message);
  else process.emitWarning(message, { type: 'TransfusionWarning', code: 'TRANSFUSION_MINOR_VERSION' });
}
