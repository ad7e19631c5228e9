import { describe, expect, it } from 'vitest';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  age,
  clock,
  clockWib,
  coordinates,
  distance,
  distanceAndWind,
  freshness,
  hoursAndMinutes,
  iso,
  momentWib,
  number,
  stopwatch,
} from './format';
import { en } from './i18n/en';
import { id } from './i18n/id';

/** 2022-10-10 05:41 UTC is 12.41 in western Indonesia. */
const NOON = Date.UTC(2022, 9, 10, 5, 41);

/** Whatever stands where a time should: the ends of 64 bits, the ends of the calendar, clocks nobody set. */
const HOSTILE = [-9_223_372_036_854_775_808, -8.64e15 - 1, -1, 0, Date.UTC(2036, 1, 7), 8.64e15 + 1, 9e15, 9_223_372_036_854_775_807, NaN, Infinity];

it('every time is written, whatever number stands for it and whatever the clock of the page shows', () => {
  for (const at of HOSTILE) {
    for (const now of [NOON, ...HOSTILE]) {
      const written = [age(at, now, id, 'id-ID'), clock(at, now, 'id-ID'), clockWib(at, now, id, 'id-ID'), momentWib(at, id, 'id-ID')];
      expect(written.every((text) => text !== '')).toBe(true);
      expect(['fresh', 'older', 'old']).toContain(freshness(at, now, HOUR_MS));
    }
    expect(() => iso(at)).not.toThrow();
    expect(stopwatch(NOON - at)).not.toBe('');
    expect(hoursAndMinutes(NOON - at)).not.toBe('');
  }
  expect(clockWib(HOSTILE[7] ?? 0, NOON, id, 'id-ID')).toBe('jam salah');
});

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

  it('of a moment in the future is a wrong clock, never fresh', () => {
    expect(age(NOON + HOUR_MS, NOON, en, 'en-GB')).toBe('wrong clock');
    expect(age(NOON + 20_000, NOON, id, 'id-ID')).toBe('baru saja');
    for (const future of [NOON + HOUR_MS, NOON + 400 * DAY_MS, ...HOSTILE.filter((at) => at > NOON)]) {
      expect(age(future, NOON, id, 'id-ID')).toBe('jam salah');
      expect(freshness(future, NOON, HOUR_MS)).toBe('old');
    }
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

  it('names the year when it is another one, also on the same day of it', () => {
    expect(clock(Date.UTC(2021, 9, 10, 5, 41), NOON, 'id-ID')).toBe('10 Okt 2021 12.41');
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
