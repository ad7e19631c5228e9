// What stands on the map, and how sure it is. Everything on the map is also in a list.

import type { IncidentSummary } from '../../generated/center/IncidentSummary';
import type { PostView } from '../../generated/center/PostView';
import type { SosView } from '../../generated/center/SosView';
import type { UnitView } from '../../generated/center/UnitView';
import { POSITION_TRUST_MS, freshness } from '../../lib/format';
import type { Point } from '../desk.svelte';
import { centerOf, type Centers } from './centers';

/** A pin that is struck through, in a square of 16: the position was made up. */
export const MOCK_SIGN = 'M8 14.5s4.5-4.3 4.5-8a4.5 4.5 0 0 0-9 0c0 3.7 4.5 8 4.5 8zM2 1.5l12 13';

export interface Pin {
  /** Unique on the map: `unit/AMB-01`. */
  key: string;
  kind: 'incident' | 'unit' | 'post' | 'sos';
  id: string;
  lat: number;
  lon: number;
  /** What stands in or beside the shape. */
  label: string;
  /** Hovering says more. */
  title: string;
  current: boolean;
  /** Incidents: 0 (not judged) to 3. */
  priority: number;
  /** Units: free, on a task; posts: staffed or empty. */
  state: string;
  /** Not where it is but where its village is. */
  approximate: boolean;
  /** Known, but from so long ago that it may be wrong. */
  old: boolean;
  /** An app on the phone made it up. */
  mock: boolean;
}

export interface Shown {
  incidents: readonly IncidentSummary[];
  units: readonly UnitView[];
  posts: readonly PostView[];
  sos: readonly SosView[];
  /** Roughly where villages are, for incidents without coordinates. */
  centers: Centers;
  currentIncident: string | null;
  currentUnit: string | null;
  now: number;
  /** The words for hovering. */
  say: {
    incident: (incident: IncidentSummary) => string;
    unit: (unit: UnitView) => string;
    post: (post: PostView) => string;
    sos: (sos: SosView) => string;
    emptyPost: string;
  };
}

/** The pins, in the order they are drawn: what matters most lies on top. */
export function pins(shown: Shown): Pin[] {
  const { say, now } = shown;
  const base = { current: false, priority: 0, state: '', approximate: false, old: false, mock: false };
  const posts = shown.posts.map((view): Pin => {
    const empty = view.status.state === 'empty';
    return {
      ...base,
      key: `post/${view.post.code}`,
      kind: 'post',
      id: view.post.code,
      lat: view.post.lat,
      lon: view.post.lon,
      label: empty ? say.emptyPost : '',
      title: say.post(view),
      state: view.status.state,
    };
  });
  const units = shown.units.flatMap((view): Pin[] =>
    view.position === null
      ? []
      : [
          {
            ...base,
            key: `unit/${view.unit.code}`,
            kind: 'unit',
            id: view.unit.code,
            lat: view.position.lat,
            lon: view.position.lon,
            label: view.unit.code,
            title: say.unit(view),
            current: view.unit.code === shown.currentUnit,
            state: view.state,
            old: view.position_at_ms === null || view.position_clock_wrong || freshness(view.position_at_ms, now, POSITION_TRUST_MS) === 'old',
            mock: view.position_mock,
          },
        ],
  );
  const incidents = shown.incidents.flatMap((incident): Pin[] => {
    const position = whereabouts(incident, shown.centers);
    if (position === null || (incident.closed && incident.id !== shown.currentIncident)) return [];
    return [
      {
        ...base,
        key: `incident/${incident.id}`,
        kind: 'incident',
        id: incident.id,
        lat: position.lat,
        lon: position.lon,
        label: incident.priority ?? '?',
        title: say.incident(incident),
        current: incident.id === shown.currentIncident,
        priority: Number(incident.priority ?? 0),
        state: incident.closed ? 'closed' : 'open',
        approximate: !incident.place?.position,
      },
    ];
  });
  const sos = shown.sos.flatMap((view): Pin[] =>
    view.sos.position === null || !view.open
      ? []
      : [
          {
            ...base,
            key: `sos/${view.sos.id}`,
            kind: 'sos',
            id: view.sos.id,
            lat: view.sos.position.lat,
            lon: view.sos.position.lon,
            label: 'SOS',
            title: say.sos(view),
            state: 'open',
          },
        ],
  );
  const empty = posts.filter((pin) => pin.state === 'empty');
  const staffed = posts.filter((pin) => pin.state !== 'empty');
  return [...staffed, ...units, ...empty, ...incidents, ...sos];
}

/** Where an incident is: as reported, or roughly by its village. */
export function whereabouts(incident: IncidentSummary, centers: Centers): Point | null {
  const { place } = incident;
  return place?.position ?? (place?.village ? centerOf(centers, place.village.code) : null);
}

/** What must be drawn again: two pins that look alike need nothing. */
export function looks(pin: Pin): string {
  return [pin.kind, pin.lat, pin.lon, pin.label, pin.title, pin.current, pin.priority, pin.state, pin.approximate, pin.old, pin.mock].join('|');
}
