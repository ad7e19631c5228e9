// Whether the center can be said to answer. "Reached" is a memory: it is believed only while it is young.
import type { Reach } from '../generated/Reach';
import type { SyncState } from '../generated/SyncState';

/** A held request is answered within a minute; after this long nothing can be said. */
const ANSWERING_MS = 90_000;

export type Link = Reach | 'silent';

export function linkOf(sync: SyncState, nowMs: number): Link {
  if (sync.reach !== 'reached') return sync.reach;
  return sync.last_exchange_ms !== null && nowMs - sync.last_exchange_ms < ANSWERING_MS ? 'reached' : 'silent';
}
