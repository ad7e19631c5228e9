// What of a phone keeps a duty from working: decided from what its platform said, without a screen.
import type { DeviceState } from '../generated/DeviceState';
import type { Setting } from '../lib/device';

export type PhoneCheck = 'location' | 'location_on' | 'notifications' | 'battery' | 'full_screen' | 'clock' | 'space' | 'webview' | 'maker';

export interface Row {
  check: PhoneCheck;
  /** `unknown` where the platform does not tell: the person looks for themselves. */
  state: 'good' | 'wrong' | 'unknown';
  /** The screen where it is granted; none where the phone has none. */
  setting: Setting | null;
}

/** Less than this and photographs will soon not be kept, bytes. */
const ROOM = 300_000_000;
const FULL_WEBVIEW = 87;

export function checks(device: DeviceState): Row[] {
  const row = (check: PhoneCheck, good: boolean, setting: Setting | null): Row => ({ check, state: good ? 'good' : 'wrong', setting });
  const rows = [
    row('location', device.location_permission === 'always', device.location_permission === 'while_in_use' ? 'location_always' : 'location'),
    row('location_on', device.location_on, 'location_on'),
    row('notifications', device.notifications, 'notifications'),
    row('battery', device.battery_exempt, 'battery'),
    row('full_screen', device.full_screen, 'full_screen'),
    row('clock', device.automatic_time, 'clock'),
    row('space', device.free_bytes >= ROOM, 'space'),
    row('webview', device.webview !== null && device.webview >= FULL_WEBVIEW, null),
  ];
  if (device.maker_screen) rows.push({ check: 'maker', state: 'unknown', setting: 'maker' });
  return rows;
}
