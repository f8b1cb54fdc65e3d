/** A pair of token ids and its number of occurrences. */
export interface PairCount {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** A binary heap of pairs, most frequent first; ties are broken by the lower left id, then the lower right id. */
export class MergeQueue {
  readonly #heap: PairCount[] = [];

  push(pair: PairCount): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!comesBefore(pair, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = pair;
  }

  pop(): PairCount | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && comesBefore(heap[child + 1], heap[child])) child++;
      if (!comesBefore(heap[child], last)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function comesBefore(a: PairCount, b: PairCount): boolean {
  return (b.count - a.count || a.left - b.left || a.right - b.right) < 0;
}
