/** Server-sent events, as far as OpenAI's wire uses them (WHATWG HTML, section 9.2.6). */

/** The event's type, `message` unless it names one, and its data. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Reads the events of a body; an event that is cut off is dropped. */
export async function* serverSentEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void> {
  let event = 'message';
  let data: string[] = [];
  for await (const line of linesOf(body)) {
    if (line === '') {
      if (data.length > 0) yield { event, data: data.join('\n') };
      event = 'message';
      data = [];
    } else if (line.startsWith('data:')) data.push(valueOf(line));
    else if (line.startsWith('event:')) event = valueOf(line);
  }
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).replace(/^ /, '');
}

/** Yields complete lines; characters and line ends may be split over chunks. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // An image is one line of many chunks: each chunk is split once, and what came before is not looked at again.
  let rest = '';
  let endsInReturn = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      if (text === '') continue;
      // The second half of a line end whose first half ended the line.
      const start = endsInReturn && text.startsWith('\n') ? 1 : 0;
      endsInReturn = text.endsWith('\r');
      const [head, ...lines] = text.slice(start).split(/\r\n|\n|\r/);
      rest += head;
      for (const line of lines) {
        yield rest;
        rest = line;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
