import { describe, expect, it } from 'vitest';
import { looksLikePhone } from './point';

describe('a telephone number', () => {
  it('is ordinary with eight to fifteen digits, or as a short code', () => {
    expect(looksLikePhone('0812-5555-0101')).toBe(true);
    expect(looksLikePhone('+62 534 3037239')).toBe(true);
    expect(looksLikePhone('112')).toBe(true);
    expect(looksLikePhone('tidak tahu')).toBe(false);
  });
});
