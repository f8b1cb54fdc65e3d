/** Finished replies in IndexedDB. */
import type { Reply } from './reply.js';

const DATABASE = 'transfusion';
const STORE = 'replies';

/** Reads all replies, newest first. @throws DOMException if the browser keeps none */
export async function readReplies(): Promise<Reply[]> {
  const store = await openStore('readonly');
  const replies = (await resultOf(store.index('createdAt').getAll())) as Reply[];
  return replies.reverse();
}

/** Keeps a reply. @throws DOMException, for instance `QuotaExceededError` */
export async function writeReply(reply: Reply): Promise<void> {
  const store = await openStore('readwrite');
  store.put(reply);
  await committed(store.transaction);
}

/** Deletes a reply. */
export async function deleteReply(id: string): Promise<void> {
  const store = await openStore('readwrite');
  store.delete(id);
  await committed(store.transaction);
}

let opened: Promise<IDBDatabase> | undefined;

async function openStore(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  opened ??= openDatabase();
  try {
    return (await opened).transaction(STORE, mode).objectStore(STORE);
  } catch (error) {
    // Another tab may have deleted it: the next call opens it again.
    opened = undefined;
    throw error;
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { keyPath: 'id' }).createIndex('createdAt', 'createdAt');
  };
  return resultOf(request);
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error!);
    transaction.onabort = () => reject(transaction.error!);
  });
}
