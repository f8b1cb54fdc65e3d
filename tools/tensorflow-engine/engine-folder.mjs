/** The layout of the engine's folder, and the versions of its parts. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export const requirementsFile = join(here, 'requirements.txt');

export const pins = {
  '@tensorflow/tfjs-node': '4.22.0',
  'node-api-headers': '1.9.0',
  'tensorflow-cpu': /^tensorflow-cpu==(\S+)/m.exec(readFileSync(requirementsFile, 'utf8'))[1],
};

export const defaultFolder = resolve(here, '../../node_modules/.cache/tensorflow-engine');

export function engineLayout(folder) {
  const packageFolder = join(folder, 'node_modules/@tensorflow/tfjs-node');
  return {
    folder,
    packageFolder,
    apiHeaders: join(folder, 'node_modules/node-api-headers/include'),
    binding: join(packageFolder, 'binding'),
    include: join(packageFolder, 'deps/include'),
    libraries: join(packageFolder, 'deps/lib'),
    // The highest of the package's `napi_versions`: @mapbox/node-pre-gyp looks there on Node 16 and later.
    addon: join(packageFolder, 'lib/napi-v8/tfjs_binding.node'),
  };
}
