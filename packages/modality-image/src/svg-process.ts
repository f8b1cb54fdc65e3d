/**
 * SVG images that may take long to draw, in a process of their own: a few hundred bytes of filters, patterns or
 * references can keep the renderer busy for hours, and nothing but the end of its process stops it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TransfusionError } from '@transfusion/errors';

/** An SVG to render, and how to; all but the bytes as sharp names it. */
export interface SvgTask {
  readonly bytes: Uint8Array;
  readonly limitInputPixels: number;
  readonly minSide: number | undefined;
  readonly background: string;
  /** Maximum CPU time: unlike the time that passes, it does not depend on what else the machine does. */
  readonly maxSeconds: number;
}

/** An image as sharp returns it: RGB. */
export interface DrawnSvg {
  readonly data: Uint8Array;
  readonly info: { readonly width: number; readonly height: number };
}

/** Files up to this length may be plain. */
const MAX_PLAIN_BYTES = 16_384;

/** Constructs whose cost its length does not tell: filters, references, layers, styles that hold them, and text. */
const COSTLY =
  /<!|<\?xml-|<(?:\w+:)?(?:filter|pattern|mask|marker|use|symbol|image|style|text|foreignObject)\b|filter|opacity|mix-blend|mask|pattern/i;

/** Returns true for bytes that sharp takes for SVG: XML, or compressed XML. */
export function isSvg(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return true;
  return new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).toLowerCase().includes('<svg');
}

/** Returns true for an SVG of few shapes alone, which is drawn in milliseconds if it has not many pixels. */
export function isPlainSvg(bytes: Uint8Array): boolean {
  return bytes.length <= MAX_PLAIN_BYTES && !COSTLY.test(new TextDecoder('latin1').decode(bytes));
}

/** The steps of `decodeImage`, which a test compares. */
const PROGRAM = `
const sharp = require('node:module').createRequire(process.argv[1])('sharp');
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal sends Ctrl-C here as well; the program may want to finish first.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
process.on('message', async ({ bytes, limitInputPixels, minSide, background, maxSeconds }) => {
  const begun = process.cpuUsage();
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage(begun);
    if (user + system < maxSeconds * 1e6) return;
    clearInterval(watch);
    process.send({ isTooSlow: true }, () => process.kill(process.pid, 'SIGKILL'));
  }, 20);
  try {
    const image = sharp(bytes, { limitInputPixels, failOn: 'error' }).autoOrient();
    if (minSide !== undefined) {
      image.resize({ width: minSide, height: minSide, fit: 'outside', withoutEnlargement: true });
    }
    const { data, info } = await image
      .flatten({ background })
      .toColorspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    process.send({ data, info });
  } catch (error) {
    process.send({ problem: error.message });
  } finally {
    clearInterval(watch);
  }
});
process.send('ready');
`;

type Answer = DrawnSvg | { readonly problem: string } | { readonly isTooSlow: true };

let running: Promise<ChildProcess> | undefined;
let turn: Promise<unknown> = Promise.resolve();

/**
 * Draws an SVG in the process, one at a time; the process lives on for the next ones, and does not keep the program
 * alive.
 *
 * @throws TransfusionError `invalid-record` if it takes more than `maxSeconds`, Error if it cannot be drawn
 */
export function drawInProcess(task: SvgTask): Promise<DrawnSvg> {
  const drawn = turn.then(() => draw(task));
  turn = drawn.catch(() => undefined);
  return drawn;
}

async function draw(task: SvgTask): Promise<DrawnSvg> {
  const child = await runningProcess();
  hold(child, true);
  try {
    child.send(task);
    const answer = await nextMessage<Answer>(child);
    if ('isTooSlow' in answer) {
      // It ends itself; the next image starts another.
      running = undefined;
      throw tooSlow(task.maxSeconds);
    }
    if ('problem' in answer) throw new Error(answer.problem);
    return answer;
  } finally {
    hold(child, false);
  }
}

function runningProcess(): Promise<ChildProcess> {
  if (running !== undefined) return running;
  const started = start();
  running = started;
  const forget = (): void => void (running = running === started ? undefined : running);
  started.then((child) => child.once('exit', forget), forget);
  return started;
}

async function start(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', PROGRAM, fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  await nextMessage(child);
  return child;
}

/**
 * Rejects if the process ends first. There is no timer here: it would be due before the message is read, whenever this
 * process has computed something else meanwhile.
 */
function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const succeed = (message: unknown): void => {
      stop();
      resolve(message as T);
    };
    const fail = (error: Error): void => {
      stop();
      running = undefined;
      reject(error);
    };
    const end = (): void => fail(new Error('its process has ended'));
    const stop = (): void => void child.off('message', succeed).off('exit', end).off('error', fail);
    child.once('message', succeed).once('exit', end).once('error', fail);
  });
}

function tooSlow(seconds: number): TransfusionError {
  return new TransfusionError(
    'invalid-record',
    `not a readable image (drawing this SVG takes more than ${seconds} s of CPU time: filters, patterns or references). ` +
      'Save it as PNG, or leave it out.',
  );
}

/** Lets the process keep the program alive, or not. */
function hold(child: ChildProcess, isNeeded: boolean): void {
  const method = isNeeded ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
}
