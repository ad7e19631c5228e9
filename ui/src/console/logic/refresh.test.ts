import { describe, expect, it } from 'vitest';
import { ALL_PARTS, staleAfter } from './refresh';

describe('a change', () => {
  it('of an assignment makes the queue, the units and the alerts stale', () => {
    expect(staleAfter('assignment')).toEqual(['incidents', 'units', 'alerts']);
  });

  it('of a record that may wait to be placed makes that list stale', () => {
    for (const kind of ['patient', 'identity', 'assessment', 'shift']) expect(staleAfter(kind)).toContain('unplaced');
  });

  it('of a position makes only the units stale', () => {
    expect(staleAfter('position')).toEqual(['units']);
  });

  it('of what was not taken makes only the phones, that list and the alerts stale', () => {
    expect(staleAfter('verdict')).toEqual(['devices', 'alerts']);
  });

  it('of a kind nobody knows makes everything stale', () => {
    expect(staleAfter('something-newer')).toEqual(ALL_PARTS);
    expect(staleAfter('all')).toEqual(ALL_PARTS);
  });
});
