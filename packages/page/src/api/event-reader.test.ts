import { expect, it } from 'vitest';
import { chunksOf, readEvents } from './event-reader.js';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function eventsOf(text: string, size: number): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readEvents(inChunks(new TextEncoder().encode(text), size))) events.push(event);
  return events;
}

const stream =
  '\uFEFF: heartbeat\n\nevent: a\ndata: {"text":"Äpfel 🍎"}\n\ndata:first\r\ndata: second\r\n\r\nid: 7\rdata\r\rdata: unfinished';
const expected = ['{"text":"Äpfel 🍎"}', 'first\nsecond', ''];

it.each(Array.from({ length: 12 }, (_, i) => i + 1))('reads events in chunks of %i bytes', async (size) => {
  expect(await eventsOf(stream, size)).toEqual(expected);
});

it('reads a long event in many chunks in time', async () => {
  const data = 'x'.repeat(2_000_000);
  expect(await eventsOf(`data: ${data}\n\n`, 1000)).toEqual([data]);
});

it('cancels the stream that is left', async () => {
  let isCanceled = false;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: x\n\n')),
    cancel: () => {
      isCanceled = true;
    },
  });
  for await (const event of readEvents(chunksOf(source))) {
    expect(event).toBe('x');
    break;
  }
  expect(isCanceled).toBe(true);
});
