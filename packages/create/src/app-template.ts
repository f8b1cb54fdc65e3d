import { problemOfPackageName } from './package-name.js';
import type { Template } from './template.js';

/** Name of the app in the template's files; also that of its recipe, and so of its run's folder. */
const EXAMPLE = 'new-app';

/** An app that trains on a folder of captioned images. */
export const appTemplate: Template = {
  name: 'app',
  description: 'an app that trains a model on a folder of captioned images, evaluates and serves it',
  questions: [
    {
      flag: 'name',
      message: 'Name of the app, and of its model',
      suggest: (folderName) => folderName,
      problem: problemOfPackageName,
    },
  ],
  project: ({ name }) => ({
    folders: ['app'],
    replacements: [[EXAMPLE, name]],
    nextSteps: [
      { script: 'make-images', description: '200 captioned images to begin with; or use your own' },
      { script: 'train', description: 'about five minutes; Ctrl-C stops, and the same command resumes' },
      { script: 'evaluate', description: 'scores on images that it was not trained on' },
      { script: 'serve', description: 'a page and an API at http://127.0.0.1:8000' },
    ],
  }),
};
