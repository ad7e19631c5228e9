import { expect, test } from 'vitest';
import type { DeviceState } from '../generated/DeviceState';
import { checks } from './fitness';

const ready: DeviceState = {
  at_ms: 0,
  location_permission: 'always',
  location_on: true,
  notifications: true,
  battery_exempt: true,
  full_screen: true,
  automatic_time: true,
  free_bytes: 2_000_000_000,
  battery_percent: 80,
  webview: 120,
  android: 34,
  brand: 'other',
  maker_screen: false,
};

const wrong = (device: DeviceState) => checks(device).filter((row) => row.state !== 'good');

test('a phone that is ready has nothing to grant', () => {
  expect(wrong(ready)).toEqual([]);
});

test('each thing that is missing is named with the screen that grants it', () => {
  const bare: DeviceState = {
    ...ready,
    location_permission: 'none',
    location_on: false,
    notifications: false,
    battery_exempt: false,
    full_screen: false,
    automatic_time: false,
    free_bytes: 1_000_000,
    webview: 80,
    maker_screen: true,
  };

  expect(wrong(bare).map((row) => [row.check, row.setting])).toEqual([
    ['location', 'location'],
    ['location_on', 'location_on'],
    ['notifications', 'notifications'],
    ['battery', 'battery'],
    ['full_screen', 'full_screen'],
    ['clock', 'clock'],
    ['space', 'space'],
    ['webview', null],
    ['maker', 'maker'],
  ]);
});

test('who allowed the position while the app is open is asked for all the time', () => {
  expect(wrong({ ...ready, location_permission: 'while_in_use' })).toEqual([{ check: 'location', state: 'wrong', setting: 'location_always' }]);
});
