import { describe, expect, it } from 'vitest';
import type { TimelineItem } from '../../generated/center/TimelineItem';
import { deeds } from './timeline';

let serial = 0;

function item(kind: string, over: Partial<TimelineItem> = {}): TimelineItem {
  serial += 1;
  return {
    entry: `e${serial}`,
    record: 'r1',
    record_kind: 'assessment',
    kind,
    unit: 'BPBD-01',
    by: 'Budi',
    at_device_ms: 0,
    at_ms: 0,
    wrong_clock: false,
    received_at_ms: 10,
    late: false,
    facts: [],
    struck: null,
    overruled: null,
    addendum: false,
    stated: { person: null, mismatch: [] },
    ...over,
  };
}

const kinds = (list: readonly TimelineItem[]): string[][] => deeds(list).map((deed) => deed.items.map((one) => one.kind));

describe('the timeline', () => {
  it('tells what one person wrote into one record in one go as one deed, its opening first', () => {
    expect(kinds([item('observed'), item('assessment', { at_ms: 2 }), item('need', { at_ms: 4 })])).toEqual([
      ['assessment', 'observed', 'need'],
    ]);
  });

  it('lets a press, an order and a note stand alone', () => {
    expect(kinds([item('status'), item('status'), item('note'), item('observed')])).toEqual([
      ['status'],
      ['status'],
      ['note'],
      ['observed'],
    ]);
  });

  it('keeps apart what two people wrote at the same moment', () => {
    expect(kinds([item('triage', { by: 'Ani' }), item('triage', { by: 'Budi' })])).toHaveLength(2);
  });

  it('keeps apart what came later and what was struck', () => {
    expect(kinds([item('observed'), item('observed', { at_ms: 60_000 }), item('observed', { struck: 'salah' })])).toHaveLength(3);
  });

  it('is received only when all of it is, and late when any of it is', () => {
    const [deed] = deeds([item('observed'), item('observed', { received_at_ms: null, late: true })]);

    expect(deed).toMatchObject({ receivedAtMs: null, late: true });
    expect(deeds([item('need'), item('need', { received_at_ms: 99 })])[0]?.receivedAtMs).toBe(99);
  });
});
