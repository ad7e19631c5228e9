import { describe, expect, it } from 'vitest';
import type { IncidentSummary } from '../../generated/center/IncidentSummary';
import { closed, folded, matches, queue, searchTexts } from './queue';

function incident(id: string, over: Partial<IncidentSummary> = {}): IncidentSummary {
  return {
    id,
    category: 'BANJIR',
    category_name: 'Banjir',
    priority: '2',
    place: null,
    excerpt: '',
    source: 'call',
    reporting_unit: null,
    opened_at_ms: 1_000,
    opened_wrong_clock: false,
    opened_by: 'Sari',
    received_at_ms: 1_000,
    late: false,
    units: [],
    patients: { red: 0, yellow: 0, green: 0, black: 0, untriaged: 0 },
    assessment_count: 0,
    dispute_count: 0,
    closed: false,
    closed_at_ms: null,
    stated: { person: null, mismatch: [] },
    waiting: null,
    now_ms: 2_000,
    ...over,
  };
}

const ids = (list: readonly IncidentSummary[]): string[] => list.map((one) => one.id);

describe('the queue', () => {
  it('puts the most urgent first and, among equals, who has waited longest', () => {
    const list = [
      incident('new-2', { opened_at_ms: 3_000 }),
      incident('old-2', { opened_at_ms: 1_000 }),
      incident('new-1', { priority: '1', opened_at_ms: 4_000 }),
    ];

    expect(ids(queue(list))).toEqual(['new-1', 'old-2', 'new-2']);
  });

  it('puts what nobody has judged above everything judged', () => {
    const list = [incident('judged', { priority: '1' }), incident('unjudged', { priority: null, opened_at_ms: 9_000 })];

    expect(ids(queue(list))).toEqual(['unjudged', 'judged']);
  });

  it('shows closed incidents apart, the latest first', () => {
    const list = [
      incident('open'),
      incident('earlier', { closed: true, closed_at_ms: 5_000 }),
      incident('later', { closed: true, closed_at_ms: 6_000 }),
    ];

    expect(ids(queue(list))).toEqual(['open']);
    expect(ids(closed(list))).toEqual(['later', 'earlier']);
  });

  it('does not change the list it was given', () => {
    const list = [incident('b', { opened_at_ms: 2_000 }), incident('a', { opened_at_ms: 1_000 })];

    queue(list);

    expect(ids(list)).toEqual(['b', 'a']);
  });
});

describe('the search', () => {
  it('finds every word, in any order, whatever the case and the accents', () => {
    expect(matches('JELAI  asam', ['Asam Jelai', 'Jelai Hulu'])).toBe(true);
    expect(matches('asam marau', ['Asam Jelai', 'Jelai Hulu'])).toBe(false);
    expect(folded('  Désa   Baru ')).toBe('desa baru');
  });

  it('looks at places, units and what was said', () => {
    const flood = incident('flood', {
      excerpt: 'dua orang di atap',
      place: {
        village: { code: '61.04.14.2001', name: 'Asam Jelai', district: 'Jelai Hulu' },
        village_derived: false,
        outside: false,
        landmark: 'dekat dermaga',
        position: null,
      },
      units: [{ assignment: 'a', unit: 'BPBD-03', status: null, status_at_ms: null, open: true, overdue: false, escalation: 0 }],
    });

    for (const query of ['asam jelai', 'dermaga', 'bpbd-03', 'atap', 'flood hazard']) {
      expect(matches(query, searchTexts(flood, ['Flood hazard']))).toBe(true);
    }
  });
});
