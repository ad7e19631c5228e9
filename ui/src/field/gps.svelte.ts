// Where this phone is, while the page is open. On duty every useful fix goes to the trail; off duty the position is
// only read when somebody asks for it.
import type { Position } from '../generated/Position';
import { call } from '../lib/api';

export interface Reading {
  position: Position;
  at: number;
}

/** A press carries the position when it is this young. */
const PRESS_TRUST_MS = 90_000;
const EVERY_MS = 15_000;
const ONE_DEGREE_M = 111_320;
const MOVED_M = 25;

let newest = $state<Reading | null>(null);
let refused = $state(false);
let watch: number | null = null;
let kept: Reading | null = null;

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
  const reading = { position: { lat: latitude, lon: longitude, accuracy_m: accuracy }, at: found.timestamp };
  newest = reading;
  return reading;
}

function failed(error: GeolocationPositionError): void {
  if (error.code === error.PERMISSION_DENIED) refused = true;
}

/** Flat earth: good enough to tell whether somebody moved 25 metres. */
function movedM(from: Position, to: Position): number {
  const north = (to.lat - from.lat) * ONE_DEGREE_M;
  const east = (to.lon - from.lon) * ONE_DEGREE_M * Math.cos((from.lat * Math.PI) / 180);
  return Math.hypot(north, east);
}

function worthKeeping(reading: Reading): boolean {
  return kept === null || reading.at - kept.at >= EVERY_MS || movedM(kept.position, reading.position) >= MOVED_M;
}

function record(found: GeolocationPosition): void {
  const reading = take(found);
  if (!worthKeeping(reading)) return;
  kept = reading;
  const speed = found.coords.speed;
  const request = { position: reading.position, at_ms: Math.round(reading.at) };
  // A fix that could not be kept is followed by the next one; nobody can do anything about it.
  call('fix', speed === null ? request : { ...request, speed_mps: speed }).catch(() => undefined);
}

/** Starts or stops the trail. */
export function follow(onDuty: boolean): void {
  if (!('geolocation' in navigator)) return;
  if (onDuty && watch === null) {
    watch = navigator.geolocation.watchPosition(record, failed, { enableHighAccuracy: true, maximumAge: 10_000 });
  }
  if (!onDuty && watch !== null) {
    navigator.geolocation.clearWatch(watch);
    watch = null;
  }
}

function youngerThan(ms: number): Reading | null {
  return newest !== null && Date.now() - newest.at < ms ? newest : null;
}

/** Where the phone is now. `null` when it does not know within fifteen seconds. */
export function locate(): Promise<Reading | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null);
  const current = youngerThan(EVERY_MS);
  if (current !== null) return Promise.resolve(current);
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      (found) => resolve(take(found)),
      (error) => {
        failed(error);
        resolve(youngerThan(PRESS_TRUST_MS));
      },
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: EVERY_MS },
    );
  });
}

/** The position a press is stamped with, when there is a young one. A press never waits for it. */
export function stampOf(nowMs: number): { position?: Position } {
  if (newest === null || nowMs - newest.at > PRESS_TRUST_MS) return {};
  return { position: newest.position };
}
