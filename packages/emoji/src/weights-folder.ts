import { fileURLToPath } from 'node:url';

/** Folder of the weights that the package carries: beside `src/`, and beside `dist/`. */
export const weightsFolder = fileURLToPath(new URL('../weights', import.meta.url));
