// Facts put into the words of the screen: places, durations, distances, the short name of an incident.
// A language is brought by `words()`; nothing here knows a sentence of its own.

import type { Category } from '../generated/Category';
import type { IncidentSummary } from '../generated/center/IncidentSummary';
import type { PlaceView } from '../generated/center/PlaceView';
import type { SuggestedUnit } from '../generated/center/SuggestedUnit';
import { clock, coordinates, distanceAndWind, isDate, number } from '../lib/format';
import { locale, words } from '../lib/language.svelte';
import { own } from './own';

/** `Asam Jelai, Jelai Hulu`; the landmark, then the point, where there is no village. */
export function placeName(place: PlaceView | null): string {
  if (place?.village) return `${place.village.name}, ${place.village.district}`;
  if (place?.landmark) return place.landmark;
  if (place?.position) return coordinates(place.position);
  return own().incident.noPlace;
}

export function categoryName(code: Category | null): string {
  return code === null ? words().common.unknown : words().category[code];
}

export function incidentName(incident: Pick<IncidentSummary, 'category' | 'place'>): string {
  return `${categoryName(incident.category)}, ${placeName(incident.place)}`;
}

/** `42 dtk`, `7 mnt`, `3 jam 5 mnt`. */
export function duration(ms: number): string {
  const time = own().time;
  const whole = (n: number): string => number(Math.floor(n), locale(), 0);
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 60) return time.seconds(whole(seconds));
  const minutes = seconds / 60;
  if (minutes < 60) return time.minutes(whole(minutes));
  const hours = minutes / 60;
  if (hours < 48) return time.hours(whole(hours), whole(minutes % 60));
  return time.days(whole(hours / 24), whole(hours % 24));
}

/** `3,1 km BD`, `± 3,1 km BD` where it is measured only to the village, or empty when nothing is known. */
export function howFar(unit: SuggestedUnit): string {
  if (unit.distance_m === null) return '';
  const far = distanceAndWind(unit.distance_m, unit.compass, words(), locale());
  return unit.distance_approximate ? `± ${far}` : far;
}

/** `12.41.07 WIB`. */
export function clockSeconds(atMs: number): string {
  if (!isDate(atMs)) return words().ago.wrongClock;
  const time = new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: 'Asia/Jakarta',
  }).format(atMs);
  return `${time} ${words().common.wib}`;
}

/** The whole moment, for hovering: `24 Nov 2026, 12.41.07 WIB`. */
export function moment(atMs: number): string {
  if (!isDate(atMs)) return words().ago.wrongClock;
  const day = new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'Asia/Jakarta',
  }).format(atMs);
  return `${day}, ${clockSeconds(atMs)}`;
}

/** `12.41`, with the day where it is another one. */
export function hour(atMs: number, nowMs: number): string {
  return clock(atMs, nowMs, locale());
}

export function count(n: number): string {
  return number(n, locale(), 0);
}
