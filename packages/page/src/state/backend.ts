/** The backend in use: the server that the page comes from. */
import { serverBackend } from '../api/server-backend.js';
import type { Backend } from '../api/backend.js';
import { apiKey } from './api-key.js';

/** Address of the server's API, beside the page. */
export const apiUrl = new URL('v1', document.baseURI).href;

/** The backend. */
export const backend: Backend = serverBackend(apiUrl, () => apiKey.value);
