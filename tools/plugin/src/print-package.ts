/** Prints the files of a new package as JSON: `print-package.ts '{"generator":"modality","name":"sound","kind":"discrete"}'`. */
import { TransfusionError } from '@transfusion/errors';
import { root } from '@transfusion/setup/workspace';
import { generatePackage, type PackageRequest } from './generate-package.js';

try {
  const generated = await generatePackage(root, JSON.parse(process.argv[2]) as PackageRequest);
  console.log(JSON.stringify({ ...generated, files: Object.fromEntries(generated.files) }));
} catch (error) {
  if (!TransfusionError.isInstance(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
