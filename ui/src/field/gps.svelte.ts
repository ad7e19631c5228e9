// Where this phone is, while the page is open. On duty every useful fix goes to the trail; off duty the position is
// only read when somebody asks for it.
import type { Position } from '../generated/Position';
import { call } from '../lib/api';
import { tracksItself } from '../lib/device';

export interface Reading {
  position: Position;
  /** By the clock of this phone. */
  at: number;
  /** By the page's steady clock, which nobody sets. */
  steadyAt: number;
}

/** A press carries the position when it is this young. */
const PRESS_TRUST_MS = 90_000;
/** A press may use what is this young without asking the receiver again. */
const FRESH_MS = 15_000;
/** A receiver is asked for nothing older. */
const OLDEST_MS = 15_000;
/** The engine decides what the trail keeps; it is not asked more often than this. */
const ASK_MS = 4_000;

let newest = $state<Reading | null>(null);
let refused = $state(false);
let watch: number | null = null;
let asked: number | null = null;
let battery: number | null = null;

export const gps = {
  get newest(): Reading | null {
    return newest;
  },
  /** The phone's owner has not allowed the position. */
  get refused(): boolean {
    return refused;
  },
};

function take(found: GeolocationPosition): Reading {
  refused = false;
  const { latitude, longitude, accuracy } = found.coords;
  // The timestamp is the satellites': after a rollover of their weeks it is twenty years off.
  const agoMs = Date.now() - found.timestamp;
  const isPossible = agoMs >= 0 && agoMs <= OLDEST_MS;
  const reading = {
    position: { lat: latitude, lon: longitude, accuracy_m: accuracy },
    at: isPossible ? found.timestamp : Date.now(),
    steadyAt: performance.now() - (isPossible ? agoMs : 0),
  };
  newest = reading;
  return reading;
}

function failed(error: GeolocationPositionError): void {
  if (error.code === error.PERMISSION_DENIED) refused = true;
}

function record(found: GeolocationPosition): void {
  const reading = take(found);
  if (asked !== null && reading.steadyAt - asked < ASK_MS) return;
  asked = reading.steadyAt;
  const { speed } = found.coords;
  const request = {
    position: reading.position,
    at_ms: Math.round(reading.at),
    ...(speed === null ? {} : { speed_mps: speed }),
    ...(battery === null ? {} : { battery_percent: battery }),
  };
  // A fix that could not be kept is followed by the next one; nobody can do anything about it.
  call('fix', request).catch(() => undefined);
}

interface Battery extends EventTarget {
  level: number;
}

/** With little battery left the engine keeps fewer fixes. Not every WebView says how much is left. */
async function followBattery(): Promise<void> {
  const source = (navigator as { getBattery?: () => Promise<Battery> }).getBattery;
  if (source === undefined || battery !== null) return;
  const found = await source.call(navigator);
  const read = () => {
    battery = Math.round(found.level * 100);
  };
  read();
  found.addEventListener('levelchange', read);
}

/** Starts or stops the trail. In the app the service keeps it, page or no page; here is only read where the phone is. */
export function follow(onDuty: boolean): void {
  if (!('geolocation' in navigator)) return;
  if (onDuty && watch === null) {
    asked = null;
    followBattery().catch(() => undefined);
    watch = navigator.geolocation.watchPosition(tracksItself() ? take : record, failed, { enableHighAccuracy: true, maximumAge: 10_000 });
  }
  if (!onDuty && watch !== null) {
    navigator.geolocation.clearWatch(watch);
    watch = null;
  }
}

/** Young by the steady clock, and by the phone's as well: the steady one may stand still while the phone sleeps. */
function youngerThan(ms: number, nowMs = Date.now()): Reading | null {
  if (newest === null) return null;
  return Math.max(performance.now() - newest.steadyAt, nowMs - newest.at) < ms ? newest : null;
}

/** Where the phone is now. `null` when it does not know within fifteen seconds. */
export function locate(): Promise<Reading | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null);
  const current = youngerThan(FRESH_MS);
  if (current !== null) return Promise.resolve(current);
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      (found) => resolve(take(found)),
      (error) => {
        failed(error);
        resolve(youngerThan(PRESS_TRUST_MS));
      },
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: FRESH_MS },
    );
  });
}

/** The position a press is stamped with, when there is a young one. A press never waits for it. */
export function stampOf(nowMs: number): { position?: Position } {
  const young = youngerThan(PRESS_TRUST_MS, nowMs);
  return young === null ? {} : { position: young.position };
}
