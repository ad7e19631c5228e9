// Map packs on the map: boundaries (RFC 7946) as lines with their names, tiles (PMTiles version 3) as they are asked
// for. A pack is read from the store once and drawn until another takes its place.
import { GeoJSON, LayerGroup, Marker, DivIcon, type Layer, type Map as LeafletMap } from 'leaflet';
import type { Feature, GeoJsonObject } from 'geojson';
import type { Pack } from '../generated/Pack';
import { packBytes } from '../lib/api';

/** Read in steps, so that a large pack never stands in memory twice on its way. */
const STEP_BYTES = 1024 * 1024;
const TILES = 'application/vnd.pmtiles';
/** Properties that name an area, the first that is there: ours, the ministry's, the space agency's. */
const NAMES = ['name', 'nama', 'NAMOBJ', 'WADMKD', 'DESA', 'NAME'];

export type Cover = (packs: Pack[]) => Promise<string[]>;

/** Keeps what is drawn in step with what is in use. */
export function covers(map: LeafletMap): Cover {
  const drawn = new Map<string, Layer>();
  const failed = new Map<string, string>();
  map.createPane('tiles-of-packs').style.zIndex = '210';
  map.createPane('lines-of-packs').style.zIndex = '350';
  let turn: Promise<unknown> = Promise.resolve();

  async function draw(packs: Pack[]): Promise<string[]> {
    const used = packs.flatMap((pack) => (pack.in_use === null ? [] : [{ name: pack.name, media: pack.media, sha256: pack.in_use }]));
    for (const [sha256, layer] of drawn) {
      if (used.some((pack) => pack.sha256 === sha256)) continue;
      layer.remove();
      drawn.delete(sha256);
    }
    for (const pack of used) {
      if (drawn.has(pack.sha256) || failed.has(pack.sha256)) continue;
      try {
        const layer = pack.media === TILES ? await tiles(pack.sha256) : boundaries(await readAll(pack.sha256));
        layer.addTo(map);
        drawn.set(pack.sha256, layer);
      } catch {
        failed.set(pack.sha256, pack.name);
      }
    }
    return used.flatMap((pack) => (failed.has(pack.sha256) ? [pack.name] : []));
  }

  return (packs) => {
    // One after another: two readings at once would draw a pack twice.
    const next = turn.then(() => draw(packs));
    turn = next.catch(() => undefined);
    return next;
  };
}

async function tiles(sha256: string): Promise<Layer> {
  // Most phones have no tiles: what reads them is loaded by those that do.
  const { layerOf } = await import('./tiles');
  return layerOf(sha256);
}

async function readAll(sha256: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let offset = 0;
  for (;;) {
    const step = await packBytes(sha256, offset, STEP_BYTES);
    text += decoder.decode(step, { stream: true });
    offset += step.byteLength;
    if (step.byteLength < STEP_BYTES) return text + decoder.decode();
  }
}

function nameOf(feature: Feature): string {
  const properties = feature.properties ?? {};
  for (const key of NAMES) {
    const name: unknown = properties[key];
    if (typeof name === 'string' && name.trim() !== '') return name.trim();
  }
  return '';
}

function isGeoJson(value: unknown): value is GeoJsonObject {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function boundaries(text: string): Layer {
  const read: unknown = JSON.parse(text);
  if (!isGeoJson(read)) throw new Error('not GeoJSON');
  const names = new LayerGroup();
  const lines = new GeoJSON(read, {
    pane: 'lines-of-packs',
    interactive: false,
    style: () => ({ className: 'map-boundary', weight: 2, fill: false }),
    // A point of a pack is a name at a place.
    pointToLayer: (feature, at) => label(nameOf(feature), at.lat, at.lng),
    onEachFeature: (feature, layer) => {
      const name = nameOf(feature);
      if (name === '' || !('getBounds' in layer) || typeof layer.getBounds !== 'function') return;
      const middle = layer.getBounds().getCenter();
      label(name, middle.lat, middle.lng).addTo(names);
    },
  });
  return new LayerGroup([lines, names]);
}

function label(name: string, lat: number, lon: number): Marker {
  const body = document.createElement('div');
  const span = document.createElement('span');
  span.textContent = name;
  body.append(span);
  return new Marker([lat, lon], { icon: new DivIcon({ className: 'pin pin-area', html: body, iconSize: [0, 0] }), interactive: false, keyboard: false });
}
