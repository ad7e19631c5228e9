import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, age, clock, clockWib, coordinates, distance, distanceAndWind, freshness, number } from './format';
import { en } from './i18n/en';
import { id } from './i18n/id';

/** 2022-10-10 05:41 UTC is 12.41 in western Indonesia. */
const NOON = Date.UTC(2022, 9, 10, 5, 41);

describe('numbers', () => {
  it('have a point between thousands and a comma before decimals', () => {
    expect(number(3590, 'id-ID')).toBe('3.590');
    expect(number(1.5, 'id-ID')).toBe('1,5');
  });

  it('read as English does in English', () => {
    expect(number(3590, 'en-GB')).toBe('3,590');
    expect(number(1.5, 'en-GB')).toBe('1.5');
  });
});

describe('an age', () => {
  it('is short, and grows from minutes to hours to days', () => {
    const said = (ms: number): string => age(NOON - ms, NOON, id, 'id-ID');

    expect(said(20_000)).toBe('baru saja');
    expect(said(4 * MINUTE_MS)).toBe('4 mnt lalu');
    expect(said(2 * HOUR_MS)).toBe('2 jam lalu');
    expect(said(47 * HOUR_MS)).toBe('47 jam lalu');
    expect(said(3 * DAY_MS)).toBe('3 hari lalu');
  });

  it('is never negative, whatever the clocks say', () => {
    expect(age(NOON + HOUR_MS, NOON, en, 'en-GB')).toBe('just now');
  });

  it('is old past its trust limit', () => {
    expect(freshness(NOON - MINUTE_MS, NOON, HOUR_MS)).toBe('fresh');
    expect(freshness(NOON - 30 * MINUTE_MS, NOON, HOUR_MS)).toBe('older');
    expect(freshness(NOON - 2 * HOUR_MS, NOON, HOUR_MS)).toBe('old');
  });
});

describe('a time', () => {
  it('is in WIB, 24 hours, with a point', () => {
    expect(clock(NOON, NOON, 'id-ID')).toBe('12.41');
    expect(clockWib(NOON + 8 * HOUR_MS, NOON, id, 'id-ID')).toBe('20.41 WIB');
  });

  it('says midnight as 00, not 24', () => {
    expect(clock(Date.UTC(2022, 9, 9, 17, 5), Date.UTC(2022, 9, 9, 17, 5), 'id-ID')).toBe('00.05');
  });

  it('names the day when it is another one', () => {
    expect(clock(NOON - DAY_MS, NOON, 'id-ID')).toBe('9 Okt 12.41');
  });
});

describe('a distance', () => {
  it('is in metres near by and in kilometres far away', () => {
    expect(distance(846, 'id-ID')).toBe('850 m');
    expect(distance(14_230, 'id-ID')).toBe('14,2 km');
    expect(distance(142_300, 'id-ID')).toBe('142 km');
  });

  it('carries the wind in the words of the language', () => {
    expect(distanceAndWind(14_230, 'ne', id, 'id-ID')).toBe('14,2 km TL');
    expect(distanceAndWind(3_100, 'sw', id, 'id-ID')).toBe('3,1 km BD');
    expect(distanceAndWind(3_100, 'sw', en, 'en-GB')).toBe('3.1 km SW');
    expect(distanceAndWind(3_100, null, id, 'id-ID')).toBe('3,1 km');
  });
});

it('coordinates keep the decimal point that maps and radios use', () => {
  expect(coordinates({ lat: -2.1543, lon: 110.8712, accuracy_m: null })).toBe('-2.15430, 110.87120');
});
