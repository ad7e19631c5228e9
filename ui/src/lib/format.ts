// Numbers, ages, times and distances as crews read them: 3.590 and 1,5, 24 h, "4 mnt lalu", "14,2 km TL".
// Nothing here reads a clock or the chosen language: both are brought.
import type { Compass } from '../generated/Compass';
import type { Position } from '../generated/Position';
import type { Words } from './i18n/id';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A position older than this is shown as old. */
export const POSITION_TRUST_MS = 30 * MINUTE_MS;

/** Two clocks that were compared may still differ by this much; what is further ahead lies in the future. */
const AHEAD_MS = MINUTE_MS;
/** The last moment a page can write down; beyond it the browser's calendar throws. */
const LAST_DATE_MS = 8.64e15;
/** An unset clock, where the words of the language are not at hand. */
const NO_CLOCK = '--.--';

/** The zone of the regency: western Indonesian time. */
const ZONE = 'Asia/Jakarta';

export function number(value: number, locale: string, digits = 1): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/** Where one kind of thing stands beside another: `2 / 7`. */
export function ratio(done: number, all: number): string {
  return `${done}/${all}`;
}

/** Whether the calendar reaches it. A record may hold any 64-bit number where its time stands. */
export function isDate(atMs: number): boolean {
  return Math.abs(atMs) <= LAST_DATE_MS;
}

/** `2022-10-10T05:41:00.000Z` for machines; undefined for a moment that no calendar reaches. */
export function iso(atMs: number): string | undefined {
  return isDate(atMs) ? new Date(atMs).toISOString() : undefined;
}

/** Whether a moment lies in the future, where no fact is fresh: the clock that stamped it was wrong. */
export function isAhead(atMs: number, nowMs: number): boolean {
  return !(atMs - nowMs <= AHEAD_MS);
}

export function age(atMs: number, nowMs: number, words: Words, locale: string): string {
  if (isAhead(atMs, nowMs) || !isDate(atMs)) return words.ago.wrongClock;
  const ms = Math.max(0, nowMs - atMs);
  if (ms < MINUTE_MS) return words.ago.justNow;
  if (ms < HOUR_MS) return words.ago.minutes(number(Math.floor(ms / MINUTE_MS), locale, 0));
  if (ms < 2 * DAY_MS) return words.ago.hours(number(Math.floor(ms / HOUR_MS), locale, 0));
  return words.ago.days(number(Math.floor(ms / DAY_MS), locale, 0));
}

/** How much an age still says: it greys as it grows old. */
export type Freshness = 'fresh' | 'older' | 'old';

export function freshness(atMs: number, nowMs: number, trustMs: number): Freshness {
  const ms = nowMs - atMs;
  if (isAhead(atMs, nowMs) || ms > trustMs) return 'old';
  return ms > trustMs / 3 ? 'older' : 'fresh';
}

/** `12.41`; with the day in front of it when that is another one, and with the year when that is another one. */
export function clock(atMs: number, nowMs: number, locale: string): string {
  if (!isDate(atMs)) return NO_CLOCK;
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: ZONE }).format(atMs);
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: ZONE });
  if (isDate(nowMs) && day.format(atMs) === day.format(nowMs)) return time;
  const year = new Intl.DateTimeFormat(locale, { year: 'numeric', timeZone: ZONE });
  const isThisYear = isDate(nowMs) && year.format(atMs) === year.format(nowMs);
  const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: ZONE });
  return `${(isThisYear ? short : day).format(atMs)} ${time}`;
}

/** `12.41 WIB`. */
export function clockWib(atMs: number, nowMs: number, words: Words, locale: string): string {
  if (!isDate(atMs)) return words.ago.wrongClock;
  return `${clock(atMs, nowMs, locale)} ${words.common.wib}`;
}

/** `16 Oktober 2022, 14.05 WIB`: a moment that is read on another day and elsewhere. */
export function momentWib(atMs: number, words: Words, locale: string): string {
  if (!isDate(atMs)) return words.ago.wrongClock;
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: ZONE });
  return `${day.format(atMs)}, ${clockWib(atMs, atMs, words, locale)}`;
}

/** `850 m`, `14,2 km`, `142 km`. */
export function distance(metres: number, locale: string): string {
  if (metres < 1000) return `${number(Math.round(metres / 10) * 10, locale, 0)} m`;
  const km = metres / 1000;
  return `${number(km, locale, km < 100 ? 1 : 0)} km`;
}

/** `14,2 km TL`. */
export function distanceAndWind(metres: number, compass: Compass | null, words: Words, locale: string): string {
  const far = distance(metres, locale);
  return compass === null ? far : `${far} ${words.compass[compass]}`;
}

/** `-2,15430, 110,87120` would be ambiguous: coordinates keep the point, as radios and maps write them. */
export function coordinates(position: Position): string {
  return `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}`;
}

/** `0:42`, `12:05`: how long something runs. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `1,2 KB`. */
export function bytes(size: number, locale: string): string {
  return size < 1024 ? `${number(size, locale, 0)} B` : `${number(size / 1024, locale)} KB`;
}

/** `13 jam 20 mnt` in figures only: `13:20`. */
export function hoursAndMinutes(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}
