// Files that tests need and nobody should have to store: a photograph that does not compress, boundaries, tiles.
import { crc32, deflateSync } from 'node:zlib';

/** The same numbers every time. */
function chance(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'ascii'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** A PNG (RFC 2083) of `width` by `height`, each pixel as `colour(x, y)` says: red, green, blue. */
export function png(width, height, colour) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows.set(colour(x, y), y * (1 + width * 3) + 1 + x * 3);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Brown water under a grey sky with a house in it, and enough grain that it stays large. */
export function photograph() {
  const draw = chance(7);
  return png(1200, 900, (x, y) => {
    const grain = draw() * 60 - 30;
    const house = x > 500 && x < 800 && y > 330 && y < 620;
    const roof = y > 220 && y <= 330 && Math.abs(x - 650) < (y - 220) * 1.9;
    const [r, g, b] = roof ? [150, 60, 50] : house ? [205, 190, 160] : y < 450 ? [150, 165, 175] : [125, 98, 70];
    return [r + grain, g + grain, b + grain].map((value) => Math.max(0, Math.min(255, value)));
  });
}

/** Two villages side by side around a point, as RFC 7946. */
export function boundaries(lat, lon) {
  const square = (name, west) => ({
    type: 'Feature',
    properties: { name },
    geometry: { type: 'Polygon', coordinates: [[[west, lat - 0.1], [west + 0.2, lat - 0.13], [west + 0.2, lat + 0.1], [west, lat + 0.12], [west, lat - 0.1]]] },
  });
  return JSON.stringify({ type: 'FeatureCollection', features: [square('Tumbang Titi', lon - 0.2), square('Jelai Hulu', lon)] });
}

function varint(value) {
  const bytes = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) + 128);
  }
}

/** A PMTiles archive (version 3) of one kind of tile that stands at every place up to a zoom: one entry of one run. */
export function pmtiles({ tile, kind, maxZoom }) {
  const count = Array.from({ length: maxZoom + 1 }, (_, zoom) => 4 ** zoom).reduce((sum, n) => sum + n, 0);
  const directory = Buffer.from([...varint(1), ...varint(0), ...varint(count), ...varint(tile.length), ...varint(1)]);
  const metadata = Buffer.from('{}');
  const head = Buffer.alloc(127);
  head.write('PMTiles', 0, 'ascii');
  head[7] = 3;
  const offsets = [127, directory.length, 127 + directory.length, metadata.length, 0, 0, 127 + directory.length + metadata.length, tile.length, count, 1, 1];
  offsets.forEach((value, index) => head.writeBigUInt64LE(BigInt(value), 8 + index * 8));
  // Clustered; neither directories nor tiles are compressed.
  head.set([1, 1, 1, kind, 0, maxZoom], 96);
  const degrees = (value, at) => head.writeInt32LE(Math.round(value * 1e7), at);
  [-180, -85, 180, 85].forEach((value, index) => degrees(value, 102 + index * 4));
  head[118] = 5;
  degrees(110.3, 119);
  degrees(-1.8, 123);
  return Buffer.concat([head, directory, metadata, tile]);
}

/** A tile with one river and one lake, as the Mapbox vector tile specification 2.1 writes them. */
export function vectorTile() {
  const zigzag = (value) => (value << 1) ^ (value >> 31);
  const field = (number, bytes) => [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
  const line = (points) => {
    let [x, y] = [0, 0];
    const to = ([px, py]) => {
      const step = [...varint(zigzag(px - x)), ...varint(zigzag(py - y))];
      [x, y] = [px, py];
      return step;
    };
    return [9, ...to(points[0]), ...varint(((points.length - 1) << 3) | 2), ...points.slice(1).flatMap(to)];
  };
  const layer = (name, kind, geometry) =>
    field(3, [...varint(15 * 8), 2, ...field(1, Buffer.from(name)), ...field(2, [...varint(3 * 8), kind, ...field(4, geometry)]), ...varint(5 * 8), ...varint(4096)]);
  const river = layer('waterway', 2, line([[0, 600], [1500, 1400], [2600, 1200], [4096, 2600]]));
  const lake = layer('water', 3, [...line([[2200, 2400], [3300, 2300], [3500, 3200], [2500, 3500]]), 15]);
  return Buffer.from([...river, ...lake]);
}
