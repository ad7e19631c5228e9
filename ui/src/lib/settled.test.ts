import { describe, expect, it } from 'vitest';
import { SETTLE_MS, isSettled, topmost, type Picture, type Spot } from './settled';

const spot = (meaning: string, top: number, layer = 0): Spot => ({ meaning, layer, left: 0, right: 360, top, bottom: top + 60 });
const until = (at: number, ...spots: Spot[]): Picture => ({ until: at, spots });
const press = (at: number, y = 620): { at: number; x: number; y: number } => ({ at, x: 100, y });

describe('a press', () => {
  it('of the second tap in one place is not taken for the next status', () => {
    const first = press(1_000);
    const before = [until(1_040, spot('a/accepted', 600))];

    for (const gap of [20, 100, 300, 600]) expect(isSettled(before, press(1_040 + gap), 'a/enroute', false, first)).toBe(false);
    expect(isSettled(before, press(1_040 + SETTLE_MS), 'a/enroute', false, first)).toBe(true);
  });

  it('under which an alarm rose answers nothing, also where nothing stood before', () => {
    const before = [until(5_000, spot('a/enroute', 600))];

    expect(isSettled(before, press(5_100), 'b/accept', true, null)).toBe(false);
    expect(isSettled(before, press(5_100, 300), 'b/later', true, null)).toBe(false);
    expect(isSettled(before, press(5_900), 'b/accept', true, null)).toBe(true);
  });

  it('on a row that moved under the thumb opens nothing', () => {
    const before = [until(5_000, spot('row/a', 300), spot('row/b', 360))];

    expect(isSettled(before, press(5_200, 320), 'row/b', false, null)).toBe(false);
  });

  it('somewhere else on a page that the last press opened counts at once', () => {
    const before = [until(1_050, spot('row/a', 300), spot('tab', 680))];

    expect(isSettled(before, press(1_300, 310), 'new', false, press(1_000, 700))).toBe(true);
    expect(isSettled(before, press(1_300, 700), 'new', false, press(1_000, 700))).toBe(false);
  });

  it('on what did not change counts however fast it is repeated', () => {
    const before = [until(1_000, spot('plus', 600)), until(1_010, spot('plus', 600), spot('other', 100))];

    expect(isSettled(before, press(1_020), 'plus', false, press(1_000))).toBe(true);
  });
});

it('of what lies over one another the topmost counts, and a sheet covers', () => {
  const spots = [spot('page', 600), spot('', 580, 4), spot('row', 600, 4.5)];

  expect(topmost(spots, 10, 620)?.meaning).toBe('row');
  expect(topmost([spot('page', 600), spot('', 600, 4)], 10, 620)).toBeUndefined();
});
