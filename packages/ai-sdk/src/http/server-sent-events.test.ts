import { expect, it } from 'vitest';
import { serverSentEvents } from './server-sent-events.js';

async function eventsOf(...chunks: string[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });
  const data: string[] = [];
  for await (const event of serverSentEvents(body)) data.push(event.data);
  return data;
}

it.each([
  ['\n', ['data: a\n\ndata: b\n\n']],
  ['\r', ['data: a\r\rdata: b\r\r']],
  ['\r\n', ['data: a\r\n\r\ndata: b\r\n\r\n']],
  ['\r\n, halved', ['data: a\r', '\n\r', '\ndata: b\r', '\n', '\r', '\n']],
  ['\r\n, then an empty chunk', ['data: a\r', '', '\n\r\ndata: b\r\n\r\n']],
])('lines may end in %j', async (_, chunks) => {
  expect(await eventsOf(...chunks)).toEqual(['a', 'b']);
});

it('drops an event that is cut off', async () => {
  expect(await eventsOf('data: a\n\ndata: b\n')).toEqual(['a']);
});

// To look at all of the line at each chunk takes longer than the limit.
it('reads an image of many chunks', { timeout: 5000 }, async () => {
  const chunk = 'A'.repeat(2 ** 12);
  const numChunks = 2 ** 11;
  const [data] = await eventsOf('data: ', ...Array.from({ length: numChunks }, () => chunk), '\n\n');
  expect(data).toHaveLength(numChunks * chunk.length);
});
