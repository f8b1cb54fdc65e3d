/**
 * Damages to the checkpoint of a run: each is refused by file and cause, and an earlier one is resumed from.
 */
import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { disposeParams } from '@transfusion/nn';
import { selectEngine } from '@transfusion/engine';
import { beforeAll, expect, test } from 'vitest';
import { readMetrics } from './metrics-log.js';
import { openCheckpoint } from './open-checkpoint.js';
import { temporaryFolder, toyModel, toyOptions } from './testing-internals/toy-run.js';
import { train } from './train.js';

const parent = temporaryFolder();
const model = {
  ...toyModel,
  config: { modelDim: 8 },
  assets: async () => ({ 'modalities/text/tokenizer.json': Buffer.from('{"a": 1}') }),
};

function optionsIn(directory: string) {
  return { ...toyOptions(directory), model };
}

beforeAll(async () => {
  await selectEngine('onnxruntime');
  disposeParams((await train(optionsIn(join(parent, 'whole')))).ema);
  // Checkpoints of the steps 4, 8 and 10.
  disposeParams((await train({ ...optionsIn(join(parent, 'half')), totalSteps: 8 })).ema);
});

let copies = 0;

/** A copy of a run's directory, to be damaged. */
function copyOf(run: 'whole' | 'half'): string {
  const directory = join(parent, `copy-${copies++}`);
  cpSync(join(parent, run), directory, { recursive: true });
  return directory;
}

const checkpointOf = (directory: string, step: number): string =>
  join(directory, 'checkpoints', `step-${String(step).padStart(8, '0')}`);

type Change = (bytes: Buffer) => Buffer;
const flipped =
  (position: number): Change =>
  (bytes) => {
    bytes[position < 0 ? bytes.length + position : position] ^= 4;
    return bytes;
  };

function changeFile(path: string, change: Change): void {
  writeFileSync(path, change(readFileSync(path)));
}

const DAMAGED_CONTENT = 'SHA-256 mismatch \\(found [0-9a-f]{16}…, expected [0-9a-f]{16}…\\)';

const damages: [
  name: string,
  file: string,
  cause: string,
  damage: (newest: string, earlier: string) => void,
][] = [
  [
    'a truncated file',
    'model.safetensors',
    'it has \\d+ bytes, expected \\d+ according to checkpoint.json',
    (newest) => changeFile(join(newest, 'model.safetensors'), (bytes) => bytes.subarray(0, -4)),
  ],
  [
    'a file that is too long',
    'ema.safetensors',
    'it has \\d+ bytes, expected \\d+ according to checkpoint.json',
    (newest) =>
      changeFile(join(newest, 'ema.safetensors'), (bytes) => Buffer.concat([bytes, Buffer.alloc(512)])),
  ],
  [
    'a missing file',
    'optimizer.safetensors',
    'the file does not exist, but checkpoint.json lists it',
    (newest) => rmSync(join(newest, 'optimizer.safetensors')),
  ],
  [
    'the weights of a different step',
    'model.safetensors',
    DAMAGED_CONTENT,
    (newest, earlier) => copyFileSync(join(earlier, 'model.safetensors'), join(newest, 'model.safetensors')),
  ],
  [
    'two files exchanged',
    'model.safetensors',
    DAMAGED_CONTENT,
    (newest) => {
      renameSync(join(newest, 'model.safetensors'), join(newest, 'x'));
      renameSync(join(newest, 'ema.safetensors'), join(newest, 'model.safetensors'));
      renameSync(join(newest, 'x'), join(newest, 'ema.safetensors'));
    },
  ],
  [
    'a page of zeros',
    'ema.safetensors',
    DAMAGED_CONTENT,
    (newest) => changeFile(join(newest, 'ema.safetensors'), (bytes) => bytes.fill(0, bytes.length - 2048)),
  ],
  [
    'a bit of a weight',
    'model.safetensors',
    DAMAGED_CONTENT,
    (newest) => changeFile(join(newest, 'model.safetensors'), flipped(-6)),
  ],
  [
    "a bit of the optimizer's state",
    'optimizer.safetensors',
    DAMAGED_CONTENT,
    (newest) => changeFile(join(newest, 'optimizer.safetensors'), flipped(-1)),
  ],
  [
    "a bit of a header's JSON",
    'ema.safetensors',
    DAMAGED_CONTENT,
    (newest) => changeFile(join(newest, 'ema.safetensors'), flipped(30)),
  ],
  [
    'a bit of an asset',
    'modalities/text/tokenizer.json',
    DAMAGED_CONTENT,
    (newest) => changeFile(join(newest, 'modalities/text/tokenizer.json'), flipped(6)),
  ],
  [
    'a bit of the cursor',
    'checkpoint.json',
    'SHA-256 mismatch \\(found .*, expected .*\\)',
    (newest) =>
      changeFile(join(newest, 'checkpoint.json'), (bytes) => {
        const digit = bytes.indexOf('"position": ') + '"position": '.length;
        return flipped(digit)(bytes);
      }),
  ],
  [
    'half of checkpoint.json',
    'checkpoint.json',
    '.*JSON.*',
    (newest) => changeFile(join(newest, 'checkpoint.json'), (bytes) => bytes.subarray(0, bytes.length / 2)),
  ],
  [
    "a different step's folder under this one's name",
    'checkpoint.json',
    'it records step 4, but the folder is named for step 8',
    (newest, earlier) => {
      rmSync(newest, { recursive: true });
      cpSync(earlier, newest, { recursive: true });
    },
  ],
];

test.each(damages)('refuses %s, naming %s', async (_, file, cause, damage) => {
  const directory = copyOf('half');
  const [newest, earlier] = [checkpointOf(directory, 8), checkpointOf(directory, 4)];
  damage(newest, earlier);
  const error: unknown = await train(optionsIn(directory)).catch((reason: unknown) => reason);
  expect(TransfusionError.isInstance(error) && error.code).toBe('invalid-file');
  const { message } = error as Error;
  expect(message.startsWith(join(newest, file))).toBe(true);
  expect(message.slice(join(newest, file).length)).toMatch(
    new RegExp(
      `^: ${cause}\\. The checkpoint is damaged: copy it again, or use another checkpoint\\. The newest intact`,
    ),
  );
  expect(message).toContain(
    `The newest intact checkpoint before it is ${earlier}: to continue from there, set resumeFrom to it`,
  );

  const verify = async () => (await openCheckpoint(newest)).verify();
  await expect(verify()).rejects.toThrow(join(newest, file));
});

test('notices each flipped bit of checkpoint.json', async () => {
  const path = checkpointOf(copyOf('half'), 8);
  const file = join(path, 'checkpoint.json');
  const bytes = readFileSync(file);
  const whole = (await openCheckpoint(path)).step;
  expect(whole).toBe(8);
  for (let position = 0; position < bytes.length - 1; position += 7) {
    const changed = Buffer.from(bytes);
    changed[position] ^= 1 << (position % 8);
    writeFileSync(file, changed);
    await expect(openCheckpoint(path), `byte ${position}`).rejects.toMatchObject({ code: 'invalid-file' });
  }
});

test('resumes exactly from the checkpoint asked for, and sets the later ones aside', async () => {
  const directory = copyOf('whole');
  changeFile(join(checkpointOf(directory, 10), 'ema.safetensors'), flipped(-9));
  const resumeFrom = checkpointOf(directory, 4);
  const result = await train({ ...optionsIn(directory), resumeFrom });
  disposeParams(result.ema);
  expect(result).toMatchObject({ step: 10, checkpoint: { step: 10 } });
  expect(readdirSync(join(directory, 'checkpoints')).toSorted()).toEqual([
    'set-aside-step-00000008',
    'set-aside-step-00000010',
    'step-00000004',
    'step-00000008',
    'step-00000010',
  ]);
  for (const step of [8, 10]) {
    for (const file of ['model.safetensors', 'ema.safetensors', 'optimizer.safetensors', 'checkpoint.json']) {
      const [found, expected] = [directory, join(parent, 'whole')].map((run) =>
        readFileSync(join(checkpointOf(run, step), file)),
      );
      expect(found, `${file} of step ${step}`).toEqual(expected);
    }
  }
  const losses = await Promise.all(
    [directory, join(parent, 'whole')].map(async (run) =>
      (await readMetrics(join(run, 'metrics.jsonl'))).map(({ step, loss }) => [step, loss]),
    ),
  );
  expect(losses[0]).toEqual(losses[1]);
});

test('sets nothing aside if the checkpoint is damaged itself, or of a different model', async () => {
  const directory = copyOf('whole');
  const resumeFrom = checkpointOf(directory, 4);
  const files = readdirSync(join(directory, 'checkpoints'));
  const other = { ...optionsIn(directory), resumeFrom, model: { ...model, config: { modelDim: 16 } } };
  await expect(train(other)).rejects.toThrow('model.modelDim is 8 there, 16 here');
  changeFile(join(resumeFrom, 'ema.safetensors'), flipped(-9));
  await expect(train({ ...optionsIn(directory), resumeFrom })).rejects.toThrow(
    'No earlier checkpoint of the run is intact: start again in another directory.',
  );
  expect(readdirSync(join(directory, 'checkpoints'))).toEqual(files);
});

test('reports the newest intact checkpoint, past damaged ones', async () => {
  const directory = copyOf('whole');
  for (const step of [8, 10])
    changeFile(join(checkpointOf(directory, step), 'model.safetensors'), flipped(-9));
  await expect(train(optionsIn(directory))).rejects.toThrow(`before it is ${checkpointOf(directory, 4)}:`);
});

test('refuses to resume from a path that is not a checkpoint of the run', async () => {
  const directory = copyOf('half');
  const resumeFrom = checkpointOf(join(parent, 'whole'), 4);
  await expect(train({ ...optionsIn(directory), resumeFrom })).rejects.toMatchObject({
    code: 'not-found',
    message: `train: resumeFrom is ${resumeFrom}, expected a checkpoint in ${join(directory, 'checkpoints')}: ${checkpointOf(directory, 4)}, ${checkpointOf(directory, 8)}.`,
  });
});
