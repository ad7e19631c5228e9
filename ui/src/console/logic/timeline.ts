// The story of an incident, told in deeds instead of fields: what one person wrote into one record in one go
// is one line. A press, an order and a note always stand alone.

import type { TimelineItem } from '../../generated/center/TimelineItem';

export interface Deed {
  /** The first entry's id. */
  key: string;
  /** What opened the record stands first, the rest as it was written. */
  items: TimelineItem[];
  /** The latest arrival of any of them; null while one has not arrived. */
  receivedAtMs: number | null;
  late: boolean;
}

/** Entries of one form carry times of one moment; a person does not fill in two within this. */
const ONE_GO_MS = 3_000;
const ALONE: readonly string[] = ['status', 'order', 'note', 'cancelled', 'closed', 'reopened', 'escalated', 'handover', 'treatment'];
const OPENING: readonly string[] = ['opened', 'patient', 'assessment', 'identity'];

export function deeds(items: readonly TimelineItem[]): Deed[] {
  const told: Deed[] = [];
  for (const item of items) {
    const same = ALONE.includes(item.kind) ? undefined : told.find((deed) => belongs(deed, item));
    if (same === undefined) {
      told.push({ key: item.entry, items: [item], receivedAtMs: item.received_at_ms, late: item.late });
      continue;
    }
    same.items.push(item);
    same.late ||= item.late;
    same.receivedAtMs =
      same.receivedAtMs === null || item.received_at_ms === null ? null : Math.max(same.receivedAtMs, item.received_at_ms);
  }
  for (const deed of told) deed.items.sort((a, b) => opens(b) - opens(a));
  return told;
}

function belongs(deed: Deed, item: TimelineItem): boolean {
  const first = deed.items[0];
  return (
    first !== undefined &&
    !ALONE.includes(first.kind) &&
    first.record === item.record &&
    first.unit === item.unit &&
    first.by === item.by &&
    first.struck === null &&
    item.struck === null &&
    first.overruled === null &&
    item.overruled === null &&
    first.addendum === item.addendum &&
    Math.abs(item.at_ms - first.at_ms) <= ONE_GO_MS
  );
}

function opens(item: TimelineItem): number {
  return OPENING.includes(item.kind) ? 1 : 0;
}

/** A fact of an entry by its name. */
export function fact(item: Pick<TimelineItem, 'facts'>, name: string): string | null {
  return item.facts.find((one) => one.name === name)?.value ?? null;
}
