import { fileURLToPath } from 'node:url';

/**
 * Folder of the built page: `index.html`, and files under `assets/` whose names change with their content. It takes any
 * static file server in front of a Transfusion server; in a clone of the repository it is built when the server starts.
 */
export const pageFolder: string = fileURLToPath(new URL('../dist/page/', import.meta.url));
