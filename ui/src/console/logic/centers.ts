// Roughly where a village is, from its imported outline, or from its district's point where no outlines were
// imported: so that a call without coordinates still stands on the map. It is marked as approximate wherever it is shown.

import type { Feature, FeatureCollection, Position } from 'geojson';
import type { Point } from '../desk.svelte';

export type Centers = ReadonlyMap<string, Point>;

export function isCollection(value: unknown): value is FeatureCollection {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'FeatureCollection' &&
    'features' in value &&
    Array.isArray(value.features)
  );
}

/** A district as the center's choices have it; some have no point. */
interface District {
  code: string;
  lat: number | null;
  lon: number | null;
}

/** The middle of each outline by its village's code, and each district's point by the district's. */
export function centers(boundaries: unknown, districts: readonly District[]): Centers {
  const found = new Map<string, Point>();
  for (const { code, lat, lon } of districts) {
    if (lat !== null && lon !== null) found.set(code, { lat, lon });
  }
  if (!isCollection(boundaries)) return found;
  for (const feature of boundaries.features) {
    const code: unknown = feature.properties?.['code'];
    const middle = middleOf(largestRing(feature));
    if (typeof code === 'string' && middle !== null) found.set(code, middle);
  }
  return found;
}

/** The village's middle, else its district's point: `61.04.14` of `61.04.14.2001`. */
export function centerOf(centers: Centers, village: string): Point | null {
  return centers.get(village) ?? centers.get(village.split('.').slice(0, 3).join('.')) ?? null;
}

/** The outer ring with the most corners: of a village with islands, the mainland. */
function largestRing(feature: Feature): Position[] {
  const { geometry } = feature;
  const rings =
    geometry?.type === 'Polygon'
      ? [geometry.coordinates[0] ?? []]
      : geometry?.type === 'MultiPolygon'
        ? geometry.coordinates.map((polygon) => polygon[0] ?? [])
        : [];
  return rings.reduce((best, ring) => (ring.length > best.length ? ring : best), []);
}

/** The centroid of the area inside a ring; flat earth is exact enough for a village. */
function middleOf(ring: Position[]): Point | null {
  let twice = 0;
  let lat = 0;
  let lon = 0;
  for (let at = 0; at + 1 < ring.length; at += 1) {
    const [x0, y0] = ring[at] ?? [];
    const [x1, y1] = ring[at + 1] ?? [];
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return null;
    const cross = x0 * y1 - x1 * y0;
    twice += cross;
    lon += (x0 + x1) * cross;
    lat += (y0 + y1) * cross;
  }
  return twice === 0 ? null : { lat: lat / (3 * twice), lon: lon / (3 * twice) };
}
