/** Requests to a server, from clients that each send the next one when the last is answered. */
import { runInChild } from './run-in-child.js';

/** Kind of request. */
export type ServingKind = 'text' | 'image' | 'edit';

/** A load; it runs in a process of its own, so that it does not share an event loop with what it measures. */
export interface ServingLoad {
  readonly url: string;
  /** Shares of the kinds of requests, by request. */
  readonly mix: Readonly<Partial<Record<ServingKind, number>>>;
  readonly numClients: number;
  readonly seconds: number;
  readonly numInferenceSteps: number;
  /** Further clients, each of one kind, whose requests are counted as well. */
  readonly beside?: { readonly kind: ServingKind; readonly numClients: number };
}

/** An answered request. */
export interface ServedRequest {
  readonly kind: ServingKind;
  /** Milliseconds since the load began. */
  readonly started: number;
  readonly milliseconds: number;
  /** Milliseconds until the first token; only of texts. */
  readonly firstToken?: number;
}

/** Result of a load. */
export interface ServingResult {
  readonly served: readonly ServedRequest[];
  /** The first few failures. */
  readonly failures: readonly string[];
  readonly numFailures: number;
  /** Milliseconds from the first request to the last answer. */
  readonly milliseconds: number;
}

/** Runs a load, and waits for all answers. */
export function runServingLoad(load: ServingLoad): Promise<ServingResult> {
  return runInChild('serve-load-in-child.ts', load);
}
