import { expect, it } from 'vitest';
import { fieldEn } from './field.en';
import { some } from './some';

it('one is said in the singular, and nothing or more in the plural', () => {
  expect(['0', '1', '2', '1,000'].map((n) => some(n, 'photo', 'photos'))).toEqual(['0 photos', '1 photo', '2 photos', '1,000 photos']);
  expect(fieldEn.header.homeLostMeans('1', '1')).toBe('1 entry was saved, at least 1 could not be read. Call the 112 center.');
});
