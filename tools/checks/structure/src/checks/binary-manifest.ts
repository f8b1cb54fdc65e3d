/**
 * The requirements on packages of prebuilt binaries, one per platform. They hold no code of this repository, so the laws of
 * libraries (exports, builds, tests, README headings, the license) have nothing to apply to.
 */
import { layerOf } from '../eslint/layers.mjs';
import type { Manifest } from './manifest.js';

export interface BinaryManifest extends Manifest {
  readonly main?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly publishConfig?: Manifest['publishConfig'] & Pick<BinaryManifest, 'os' | 'cpu' | 'libc'>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** @param path such as `packages/onnxruntime-binaries/linux-x64` */
export function isBinaryPackage(path: string): boolean {
  return path.startsWith('packages/onnxruntime-binaries/');
}

/** @param path a path with {@link isBinaryPackage} */
export function binaryManifestProblems(path: string, manifest: BinaryManifest): string[] {
  const platform = path.split('/').at(-1)!;
  const [os, cpu] = platform.split('-');
  const { name, main, files = [], publishConfig, scripts } = manifest;
  const is = (list: readonly string[] | undefined, expected: string | undefined): boolean =>
    String(list) === String(expected);
  return [
    name !== `@transfusion/onnxruntime-${platform}` &&
      `name is ${name}, expected @transfusion/onnxruntime-${platform}`,
    manifest.license !== 'MIT' && 'license is not MIT, that of ONNX Runtime',
    !manifest.description && 'has no description',
    manifest.private && 'is private, but packages/ holds published packages',
    publishConfig?.access !== 'public' && 'publishConfig.access is not public',
    !is(publishConfig?.os, os) && `publishConfig.os is ${publishConfig?.os}, expected ${os}`,
    !is(publishConfig?.cpu, cpu) && `publishConfig.cpu is ${publishConfig?.cpu}, expected ${cpu}`,
    !is(publishConfig?.libc, os === 'linux' ? 'glibc' : undefined) &&
      `publishConfig.libc is ${publishConfig?.libc}, expected glibc for linux, and none for others`,
    (manifest.os ?? manifest.cpu ?? manifest.libc) &&
      'os, cpu or libc are outside of publishConfig: pnpm warns about them in the workspace',
    (main === undefined || !files.includes(main)) && `files does not include main (${main})`,
    files.some((file) => /[*/]/.test(file)) && 'files holds patterns or folders, expected each file by name',
    ...['prepack', 'package-check']
      .filter((script) => !scripts?.[script])
      .map((script) => `has no script '${script}'`),
    ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).map(
      (dependency) => `depends on ${dependency}, expected no dependency`,
    ),
    !/^\d+\.\d+\.\d+$/.test(manifest.devDependencies?.['onnxruntime-node'] ?? '') &&
      'devDependencies has no exact version of onnxruntime-node',
    layerOf(manifest) !== 0 && 'has another layer tag than layer:L0',
  ].filter((problem) => typeof problem === 'string');
}
