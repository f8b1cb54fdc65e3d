export { newScheduler, newSchedulerFactory, type NewSchedulerOptions } from './new-scheduler.js';
