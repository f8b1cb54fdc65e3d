/** Stands for the module of the backend under test; the bundler puts it in place. */
declare module 'backend-under-test';
