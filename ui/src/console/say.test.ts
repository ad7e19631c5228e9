import { expect, it } from 'vitest';
import { clockSeconds, duration, hour, moment } from './say';

const NOON = Date.UTC(2026, 10, 24, 5, 41);
/** Whatever stands where a time should: the ends of 64 bits, the ends of the calendar, clocks nobody set. */
const HOSTILE = [-9_223_372_036_854_775_808, -1, 0, Date.UTC(2036, 1, 7), 8.64e15 + 1, 9e15, 9_223_372_036_854_775_807, NaN];

it('the console writes every time, whatever number stands for it', () => {
  for (const at of HOSTILE) {
    for (const text of [clockSeconds(at), moment(at), hour(at, NOON), hour(NOON, at), duration(NOON - at)]) expect(text).not.toBe('');
  }
  expect([moment(9e15), clockSeconds(NaN)]).toEqual(['jam salah', 'jam salah']);
});
