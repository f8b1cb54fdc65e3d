export { evaluatorChecks, type EvaluatorCheck, type EvaluatorExamples } from './testing/evaluator-checks.js';
