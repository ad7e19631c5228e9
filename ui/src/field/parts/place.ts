// How a place reads on one line: landmark and village first, never a bare pair of numbers when there is a name.
import type { Whereabouts } from '../../generated/Whereabouts';
import { coordinates, distanceAndWind } from '../../lib/format';
import type { Words } from '../../lib/i18n/id';

export function placeName(where: Whereabouts, unknown: string): string {
  const village = where.village === null ? null : `${where.village.name}, ${where.village.district}`;
  const point = where.position === null ? null : coordinates(where.position);
  const named = [where.landmark, village].filter((part): part is string => part !== null && part !== '');
  return named.length > 0 ? named.join(' · ') : (point ?? unknown);
}

export function farAway(where: Whereabouts, words: Words, locale: string): string | null {
  if (where.distance_m === null) return null;
  const far = distanceAndWind(where.distance_m, where.compass, words, locale);
  return where.distance_approximate ? `± ${far}` : far;
}

/** Opens whatever map the phone has, even one that works offline. */
export function directionsUrl(where: Whereabouts): string | null {
  if (where.position === null) return null;
  const { lat, lon } = where.position;
  return `geo:${lat},${lon}?q=${lat},${lon}`;
}
