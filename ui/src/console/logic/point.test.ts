import { describe, expect, it } from 'vitest';
import { isNear, looksLikePhone, parsePoint } from './point';

describe('coordinates', () => {
  it('are read with points and with Indonesian commas', () => {
    const town = { lat: -1.8475, lon: 109.9683 };

    expect(parsePoint('-1.8475, 109.9683')).toEqual(town);
    expect(parsePoint('-1,8475 109,9683')).toEqual(town);
    expect(parsePoint(' -1,8475,  109,9683 ')).toEqual(town);
  });

  it('may carry S and E, or LS and BT as they are said', () => {
    expect(parsePoint('1.8475 S, 109.9683 E')).toEqual({ lat: -1.8475, lon: 109.9683 });
    expect(parsePoint('1.8475 S 109.9683 T')).toEqual({ lat: -1.8475, lon: 109.9683 });
  });

  it('are nothing when half is missing or not on the earth', () => {
    expect(parsePoint('')).toBeNull();
    expect(parsePoint('-1.8475')).toBeNull();
    expect(parsePoint('109.9683, 181')).toBeNull();
    expect(parsePoint('jalan pelang km 7')).toBeNull();
  });

  it('with latitude and longitude swapped are far from every known place', () => {
    const places = [{ lat: -1.81, lon: 109.95 }];

    expect(isNear({ lat: -1.9, lon: 110.8 }, places)).toBe(true);
    expect(isNear({ lat: 1.9, lon: 10.8 }, places)).toBe(false);
    expect(isNear({ lat: 1.9, lon: 10.8 }, [])).toBe(true);
  });
});

describe('a telephone number', () => {
  it('is ordinary with eight to fifteen digits, or as a short code', () => {
    expect(looksLikePhone('0812-5555-0101')).toBe(true);
    expect(looksLikePhone('+62 534 3037239')).toBe(true);
    expect(looksLikePhone('112')).toBe(true);
    expect(looksLikePhone('tidak tahu')).toBe(false);
  });
});
