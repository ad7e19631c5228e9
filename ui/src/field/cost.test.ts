import { expect, test } from 'vitest';
import { costOf } from './cost';

test('only a link that is known to be free is taken for free', () => {
  expect(costOf({ type: 'wifi' })).toBe('free');
  expect(costOf({ type: 'ethernet', saveData: false })).toBe('free');
  expect(costOf({ type: 'cellular' })).toBe('metered');
  expect(costOf({ type: 'unknown' })).toBe('unknown');
  expect(costOf({})).toBe('unknown');
  expect(costOf(null)).toBe('unknown');
});

test('who saves data saves it on every link', () => {
  expect(costOf({ type: 'wifi', saveData: true })).toBe('metered');
});
