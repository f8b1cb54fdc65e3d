import { expect, test } from 'vitest';
import { silence } from '@transfusion/terminal';
import { runDemo } from './demo.js';
import { isMeasurement } from './compare-engines.js';
import { quickSettings } from './settings.js';

test('both models learn, and the engines agree', { timeout: 300_000 }, async () => {
  const printed: string[] = [];
  const figures = await runDemo({ ...silence(), write: (text) => printed.push(text) }, quickSettings(1));

  const { classifier, transformer, comparison } = figures;
  expect(classifier.trainingLoss.after).toBeLessThan(classifier.trainingLoss.before - 0.5);
  expect(transformer.validationLoss.before).toBeCloseTo(transformer.validationLoss.chance, 1);
  expect(transformer.validationLoss.after).toBeLessThan(transformer.validationLoss.before - 1);
  expect(transformer.sample).toHaveLength(quickSettings(1).transformer.sampleLength);

  for (const { engines, largestDifference } of [comparison.classifier, comparison.transformer]) {
    const measured = engines.filter(isMeasurement).map(({ engine }) => engine);
    expect(measured).toEqual(expect.arrayContaining(['onnxruntime with jit', 'onnxruntime', 'cpu']));
    expect(largestDifference).toBeLessThan(1e-4);
  }
  expect(printed.join('')).toContain('What you saw');
});
