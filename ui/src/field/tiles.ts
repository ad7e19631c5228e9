// Tiles of a map pack: pictures as they are, vector tiles drawn by the roles of the map. Read from the store range by
// range; nothing is fetched from a network.
import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import { DomUtil, GridLayer, type Coords, type DoneCallback, type Layer, type Map as LeafletMap } from 'leaflet';
import Pbf from 'pbf';
import { PMTiles, TileType, type RangeResponse, type Source } from 'pmtiles';
import { packBytes } from '../lib/api';

const TILE_PX = 256;
/** The map goes no closer; tiles of a smaller scale are drawn larger. */
const CLOSEST = 17;

class Kept implements Source {
  readonly sha256: string;

  constructor(sha256: string) {
    this.sha256 = sha256;
  }

  getKey(): string {
    return this.sha256;
  }

  async getBytes(offset: number, length: number): Promise<RangeResponse> {
    return { data: await packBytes(this.sha256, offset, length) };
  }
}

const PICTURES: ReadonlyMap<TileType, string> = new Map([
  [TileType.Png, 'image/png'],
  [TileType.Jpeg, 'image/jpeg'],
  [TileType.Webp, 'image/webp'],
  [TileType.Avif, 'image/avif'],
]);

type Draw = (bytes: ArrayBuffer, onto: HTMLElement) => Promise<void>;

/** Rejects when the pack has tiles of a kind that cannot be drawn. */
export async function layerOf(sha256: string): Promise<Layer> {
  const pack = new PMTiles(new Kept(sha256));
  const header = await pack.getHeader();
  const media = PICTURES.get(header.tileType);
  if (media === undefined && header.tileType !== TileType.Mvt) throw new Error('tiles of an unknown kind');
  const draw: Draw = media === undefined ? vector : (bytes, onto) => picture(bytes, media, onto);
  return new Tiles(pack, draw, {
    pane: 'tiles-of-packs',
    tileSize: TILE_PX,
    minZoom: 0,
    maxZoom: CLOSEST,
    minNativeZoom: header.minZoom,
    maxNativeZoom: header.maxZoom,
    bounds: [
      [header.minLat, header.minLon],
      [header.maxLat, header.maxLon],
    ],
  });
}

class Tiles extends GridLayer {
  readonly pack: PMTiles;
  readonly draw: Draw;

  constructor(pack: PMTiles, draw: Draw, options: ConstructorParameters<typeof GridLayer>[0]) {
    super(options);
    this.pack = pack;
    this.draw = draw;
  }

  /** Lines on a canvas have the colours of the theme they were drawn in. */
  readonly again = new MutationObserver(() => this.redraw());

  override onAdd(map: LeafletMap): this {
    super.onAdd(map);
    this.again.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return this;
  }

  override onRemove(map: LeafletMap): this {
    this.again.disconnect();
    super.onRemove(map);
    return this;
  }

  override createTile(at: Coords, done: DoneCallback): HTMLElement {
    const tile = DomUtil.create('div', 'map-tile');
    const drawn = async (): Promise<void> => {
      const found = await this.pack.getZxy(at.z, at.x, at.y);
      if (found !== undefined) await this.draw(found.data, tile);
    };
    drawn().then(
      () => done(undefined, tile),
      (error: unknown) => done(error instanceof Error ? error : new Error('no tile'), tile),
    );
    return tile;
  }
}

async function picture(bytes: ArrayBuffer, media: string, onto: HTMLElement): Promise<void> {
  const url = URL.createObjectURL(new Blob([bytes], { type: media }));
  try {
    const image = new Image();
    image.alt = '';
    image.src = url;
    await image.decode();
    onto.append(image);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** What is drawn of a vector tile, by the names that OpenMapTiles and Protomaps give their layers; in this order. */
const AREAS = ['water', 'ocean', 'lakes'];
const LINES: readonly { layers: string[]; role: string; width: number }[] = [
  { layers: ['waterway', 'waterways', 'rivers'], role: '--map-water', width: 1.5 },
  { layers: ['boundary', 'boundaries', 'admin'], role: '--map-boundary', width: 1 },
  { layers: ['transportation', 'roads', 'road', 'streets'], role: '--map-road', width: 1.5 },
];

function vector(bytes: ArrayBuffer, onto: HTMLElement): Promise<void> {
  const tile = new VectorTile(new Pbf(new Uint8Array(bytes)));
  const scale = Math.max(1, Math.min(3, window.devicePixelRatio));
  const canvas = document.createElement('canvas');
  canvas.width = TILE_PX * scale;
  canvas.height = TILE_PX * scale;
  const pen = canvas.getContext('2d');
  if (pen === null) return Promise.reject(new Error('no canvas'));
  onto.append(canvas);
  const roles = getComputedStyle(document.documentElement);
  pen.scale(scale, scale);
  pen.lineJoin = 'round';
  pen.fillStyle = roles.getPropertyValue('--map-water');
  for (const feature of featuresOf(tile, AREAS, 3)) pen.fill(pathOf(feature), 'evenodd');
  for (const { layers, role, width } of LINES) {
    pen.strokeStyle = roles.getPropertyValue(role);
    pen.lineWidth = width;
    for (const feature of featuresOf(tile, layers, 2)) pen.stroke(pathOf(feature));
  }
  return Promise.resolve();
}

function* featuresOf(tile: VectorTile, names: string[], kind: number): Generator<VectorTileFeature> {
  for (const name of names) {
    const layer = tile.layers[name];
    if (layer === undefined) continue;
    for (let index = 0; index < layer.length; index += 1) {
      const feature = layer.feature(index);
      if (feature.type === kind) yield feature;
    }
  }
}

function pathOf(feature: VectorTileFeature): Path2D {
  const path = new Path2D();
  const by = TILE_PX / feature.extent;
  for (const ring of feature.loadGeometry()) {
    ring.forEach((point, index) => {
      if (index === 0) path.moveTo(point.x * by, point.y * by);
      else path.lineTo(point.x * by, point.y * by);
    });
    if (feature.type === 3) path.closePath();
  }
  return path;
}
