export { selectEngine, type EngineName, type SelectedEngine } from './select-engine.js';
