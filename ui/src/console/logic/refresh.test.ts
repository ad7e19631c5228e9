import { describe, expect, it } from 'vitest';
import { ALL_PARTS, staleAfter } from './refresh';

describe('a change', () => {
  it('of an assignment makes the queue, the units and the alerts stale', () => {
    expect(staleAfter('assignment')).toEqual(['incidents', 'units', 'alerts']);
  });

  it('of a position makes only the units stale', () => {
    expect(staleAfter('position')).toEqual(['units']);
  });

  it('of what was not taken makes only the phones and that list stale', () => {
    expect(staleAfter('verdict')).toEqual(['devices']);
  });

  it('of a kind nobody knows makes everything stale', () => {
    expect(staleAfter('something-newer')).toEqual(ALL_PARTS);
    expect(staleAfter('all')).toEqual(ALL_PARTS);
  });
});
