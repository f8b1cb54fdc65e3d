export { problemOfModalityName } from './modality-name.js';
export { renderProject } from './render-project.js';
export { runCreate } from './run-create.js';
export { respell, spellingsOf, type Spellings } from './spellings.js';
export {
  type Answers,
  type Choice,
  type NextStep,
  type Project,
  type Question,
  type Template,
} from './template.js';
export { templates } from './templates.js';
