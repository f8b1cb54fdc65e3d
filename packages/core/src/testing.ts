export { generatePlain } from './generate/plain-generate.js';
