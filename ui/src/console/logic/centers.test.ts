import { describe, expect, it } from 'vitest';
import { centerOf, centers } from './centers';

function village(code: string, ring: number[][]): unknown {
  return { type: 'Feature', properties: { code }, geometry: { type: 'Polygon', coordinates: [ring] } };
}

const square = [
  [110, -2],
  [110.2, -2],
  [110.2, -1.8],
  [110, -1.8],
  [110, -2],
];

describe('the middle of a village', () => {
  it('is the centroid of its outline, whichever way round it was drawn', () => {
    const found = centers({ type: 'FeatureCollection', features: [village('a', square), village('b', [...square].reverse())] }, []);

    expect(found.get('a')?.lat).toBeCloseTo(-1.9);
    expect(found.get('a')?.lon).toBeCloseTo(110.1);
    expect(found.get('b')?.lat).toBeCloseTo(-1.9);
  });

  it('is unknown without an outline', () => {
    expect(centers(null, []).size).toBe(0);
    expect(centers({ type: 'FeatureCollection', features: [village('a', [])] }, []).size).toBe(0);
  });

  it('is its district’s point where no outline was imported', () => {
    const found = centers(null, [{ code: '61.04.14', lat: -1.923, lon: 110.89 }, { code: '61.04.24', lat: null, lon: null }]);

    expect(centerOf(found, '61.04.14.2001')).toEqual({ lat: -1.923, lon: 110.89 });
    expect(centerOf(found, '61.04.24.2001')).toBeNull();
  });
});
