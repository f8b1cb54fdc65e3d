/** Server-sent events, from bytes that arrive in pieces of any size (WHATWG HTML, section 9.2). */

/** Most characters that one event may have: an image of 32 MB as base64. */
const MAX_EVENT = 2 ** 26;

/**
 * Yields the data of each event; comments and other fields are left out. An event that the stream ends in the middle of
 * is dropped, as the standard has it.
 *
 * @throws Error for an event of more than 64 million characters
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const lines = createLineSplitter();
  const decoder = new TextDecoder();
  let data: string[] = [];
  for await (const chunk of chunks) {
    for (const line of lines.push(decoder.decode(chunk, { stream: true }))) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else {
        const value = dataOf(line);
        if (value !== undefined) data.push(value);
      }
    }
  }
}

/** Returns the value of a `data` field. */
function dataOf(line: string): string | undefined {
  if (line === 'data') return '';
  if (!line.startsWith('data:')) return undefined;
  return line.slice(line[5] === ' ' ? 6 : 5);
}

/** Splits text that arrives in pieces into lines, which end in LF, CR or CRLF. */
function createLineSplitter(): { push(text: string): string[] } {
  // Pieces are joined when their line ends: joining them one by one would copy a long line again for each.
  let pieces: string[] = [];
  let length = 0;
  let endedInCr = false;
  return {
    push(text) {
      // The LF of a CRLF that was cut in two.
      const rest = endedInCr && text.startsWith('\n') ? text.slice(1) : text;
      if (text !== '') endedInCr = text.endsWith('\r');
      const lines = rest.split(/\r\n|\r|\n/);
      const open = lines.pop()!;
      if (lines.length > 0) {
        lines[0] = pieces.join('') + lines[0];
        [pieces, length] = [[], 0];
      }
      pieces.push(open);
      length += open.length;
      if (length > MAX_EVENT) throw new Error('The server sent an event of more than 64 million characters.');
      return lines;
    },
  };
}

/** Yields the chunks of a stream; leaving the loop cancels it. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Rejects if the request was aborted, which whoever aborted it knows.
    await reader.cancel().catch(() => undefined);
  }
}
