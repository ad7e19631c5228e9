// Coordinates as people write them: with points or Indonesian commas, with N/S/E/W, in either order of signs.

import type { Point } from '../desk.svelte';

/** Kabupaten and a wide sea around it would still be within this many degrees of a known place. */
const NEAR_DEGREES = 3;

/** Reads `-1.8475, 109.9683` and `-1,8475 109,9683`; null when it is not a point on the earth. */
export function parsePoint(text: string): Point | null {
  const numbers = text
    .trim()
    .replace(/(\d),(\d)/g, '$1.$2')
    .match(/[-+]?\d+(?:\.\d+)?\s*°?\s*[NSEWUTBnsewutb]?/g);
  if (numbers === null || numbers.length !== 2) return null;
  const [lat, lon] = numbers.map(signed);
  if (lat === undefined || lon === undefined) return null;
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
  return { lat, lon };
}

/** South (S) and west (W, barat B) are negative; U is utara, T is timur. */
function signed(text: string): number {
  const value = Number.parseFloat(text);
  return /[SWBswb]\s*$/.test(text) ? -Math.abs(value) : value;
}

/** Whether a point is near any of the places; with no places known, everything is. */
export function isNear(point: Point, places: readonly { lat: number | null; lon: number | null }[]): boolean {
  const known = places.filter((place) => place.lat !== null && place.lon !== null);
  if (known.length === 0) return true;
  return known.some(
    (place) =>
      Math.abs((place.lat ?? 0) - point.lat) < NEAR_DEGREES && Math.abs((place.lon ?? 0) - point.lon) < NEAR_DEGREES,
  );
}

/** A telephone number that can be dialled from Indonesia: 8 to 15 digits, or a short code. */
export function looksLikePhone(text: string): boolean {
  const digits = text.replace(/[\s().-]/g, '');
  return /^\+?\d{8,15}$/.test(digits) || /^1\d{2}$/.test(digits);
}
