export { generatePlain } from './generate/plain-generate.js';
export { plainTokenScores } from './likelihood/plain-token-scores.js';
