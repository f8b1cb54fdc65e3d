/** Events that one side adds and the other reads when it likes. */
export interface EventQueue<Event> {
  readonly push: (event: Event) => void;
  readonly end: () => void;
  /** Ends with an error, after the events so far. */
  readonly fail: (error: unknown) => void;
  readonly iterator: AsyncIterableIterator<Event>;
}

/** Creates an empty queue; `onLeave` is called when the reader leaves before the end. */
export function createEventQueue<Event>(onLeave: () => void): EventQueue<Event> {
  const events: Event[] = [];
  let outcome: { readonly error?: unknown } | undefined;
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume();
  };
  const finish = (result: { readonly error?: unknown }): void => {
    outcome ??= result;
    wake();
  };
  const iterator: AsyncIterableIterator<Event> = {
    [Symbol.asyncIterator]: () => iterator,
    next: async () => {
      while (events.length === 0 && outcome === undefined) {
        await new Promise<void>((resume) => waiting.push(resume));
      }
      if (events.length > 0) return { done: false, value: events.shift()! };
      const ended = outcome!;
      outcome = {};
      if ('error' in ended) throw ended.error;
      return { done: true, value: undefined };
    },
    return: async () => {
      if (outcome === undefined) onLeave();
      events.length = 0;
      finish({});
      return { done: true, value: undefined };
    },
  };
  return {
    push: (event) => {
      events.push(event);
      wake();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    iterator,
  };
}
