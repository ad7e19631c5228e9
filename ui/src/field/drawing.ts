// The phone's own map, drawn from what the store holds: districts, posts, facilities, incidents, the trail, a grid of
// half degrees, and under them the map packs that are here. Nothing is asked of any network.
import { CircleMarker, LayerGroup, Map as LeafletMap, Marker, Polyline, Circle, Control, DivIcon, type LatLngBoundsExpression, type LatLngTuple } from 'leaflet';
import type { MapScreen } from '../generated/MapScreen';
import type { Pack } from '../generated/Pack';
import { covers } from './cover';

/** Where the map opens before anything is known: the regency. */
const REGENCY: LatLngTuple = [-1.85, 110.35];
const GRID_STEP = 0.5;
const GRID_REACH = 4;
const CLOSE_ZOOM = 13;
const DISTRICT_NAMES_ZOOM = 9.5;
const PLACE_NAMES_ZOOM = 12.5;
/** Areas of a map pack are villages, some ten kilometres wide. */
const AREA_NAMES_ZOOM = 10.5;

export interface Labels {
  here: string;
  kind: (index: number) => string;
}

export interface Drawing {
  draw: (screen: MapScreen, labels: Labels) => void;
  /** Draws the map packs in use under everything else; says which of them could not be drawn. */
  cover: (packs: Pack[]) => Promise<string[]>;
  goTo: (lat: number, lon: number) => void;
  remove: () => void;
}

function icon(kind: string, label: string, html: string): DivIcon {
  const text = document.createElement('span');
  text.textContent = label;
  const shape = document.createElement('i');
  shape.innerHTML = html;
  const body = document.createElement('div');
  body.append(shape, text);
  return new DivIcon({ className: `pin pin-${kind}`, html: body, iconSize: [0, 0] });
}

const SHAPES = {
  incident: '<svg viewBox="0 0 24 24" width="26" height="26"><path d="M12 1 23 21H1z"/><path class="cut" d="M12 8v6m0 3v1"/></svg>',
  post: '<svg viewBox="0 0 24 24" width="20" height="20"><path d="M3 11 12 3l9 8v10H3z"/></svg>',
  facility: '<svg viewBox="0 0 24 24" width="20" height="20"><rect x="2" y="2" width="20" height="20" rx="4"/><path class="cut" d="M12 7v10M7 12h10"/></svg>',
} as const;

function grid(): LayerGroup {
  const lines = new LayerGroup();
  const [lat, lon] = REGENCY;
  for (let at = -GRID_REACH; at <= GRID_REACH; at += GRID_STEP) {
    const south = Math.round((lat + at) / GRID_STEP) * GRID_STEP;
    const east = Math.round((lon + at) / GRID_STEP) * GRID_STEP;
    const line = { className: 'map-grid', weight: 1, interactive: false };
    new Polyline([[south, lon - GRID_REACH], [south, lon + GRID_REACH]], line).addTo(lines);
    new Polyline([[lat - GRID_REACH, east], [lat + GRID_REACH, east]], line).addTo(lines);
  }
  return lines;
}

export function begin(element: HTMLElement): Drawing {
  const map = new LeafletMap(element, { attributionControl: false, zoomControl: false, minZoom: 6, maxZoom: 17, zoomSnap: 0.5 });
  map.setView(REGENCY, 8);
  grid().addTo(map);
  new Control.Scale({ imperial: false, position: 'topleft' }).addTo(map);
  const places = new LayerGroup().addTo(map);
  // Names crowd a wide view: they are shown when there is room.
  const roomy = (): void => {
    element.classList.toggle('roomy', map.getZoom() >= DISTRICT_NAMES_ZOOM);
    element.classList.toggle('areas', map.getZoom() >= AREA_NAMES_ZOOM);
    element.classList.toggle('close', map.getZoom() >= PLACE_NAMES_ZOOM);
  };
  map.on('zoomend', roomy);
  roomy();
  let framed = false;
  const cover = covers(map);

  return {
    cover,
    draw(screen, labels) {
      places.clearLayers();
      const seen: LatLngTuple[] = [];
      const near: LatLngTuple[] = [];
      for (const district of screen.districts) {
        if (district.lat === null || district.lon === null) continue;
        const at: LatLngTuple = [district.lat, district.lon];
        seen.push(at);
        new Marker(at, { icon: icon('district', district.name, ''), interactive: false, keyboard: false }).addTo(places);
      }
      for (const facility of screen.facilities) {
        const at: LatLngTuple = [facility.lat, facility.lon];
        seen.push(at);
        new Marker(at, { icon: icon('facility', facility.name, SHAPES.facility), interactive: false, keyboard: false }).addTo(places);
      }
      for (const post of screen.posts) {
        const at: LatLngTuple = [post.lat, post.lon];
        seen.push(at);
        new Marker(at, { icon: icon('post', post.name, SHAPES.post), interactive: false, keyboard: false }).addTo(places);
      }
      if (screen.trail.length > 1) {
        new Polyline(screen.trail.map((fix): LatLngTuple => [fix.position.lat, fix.position.lon]), { className: 'map-trail', weight: 4, interactive: false }).addTo(places);
      }
      screen.incidents.forEach((incident, index) => {
        const position = incident.whereabouts.position;
        if (position === null) return;
        const at: LatLngTuple = [position.lat, position.lon];
        near.push(at);
        new Marker(at, { icon: icon('incident', labels.kind(index), SHAPES.incident), interactive: false, keyboard: false, zIndexOffset: 500 }).addTo(places);
      });
      if (screen.here !== null) {
        const { lat, lon, accuracy_m } = screen.here.position;
        near.push([lat, lon]);
        if (accuracy_m !== null) new Circle([lat, lon], { radius: accuracy_m, className: 'map-accuracy', weight: 1, interactive: false }).addTo(places);
        new CircleMarker([lat, lon], { radius: 9, className: 'map-here', weight: 3, interactive: false }).addTo(places);
      }
      const frame: LatLngBoundsExpression | null = near.length > 1 ? near : near.length === 0 && seen.length > 1 ? seen : null;
      if (framed) return;
      if (frame !== null) map.fitBounds(frame, { padding: [48, 48], maxZoom: CLOSE_ZOOM });
      else if (near[0] !== undefined) map.setView(near[0], 11);
      framed = near.length + seen.length > 0;
    },
    goTo(lat, lon) {
      map.setView([lat, lon], Math.max(map.getZoom(), 11));
    },
    remove() {
      map.remove();
    },
  };
}
