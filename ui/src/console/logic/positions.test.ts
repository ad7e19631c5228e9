import { describe, expect, it } from 'vitest';
import type { PostView } from '../../generated/center/PostView';
import type { UnitView } from '../../generated/center/UnitView';
import { looks, pins, type Shown } from './positions';

const NOW = 10_000_000;
const HOUR = 3_600_000;

function unit(code: string, over: Partial<UnitView>): UnitView {
  return {
    unit: { code, name: code, kind: 'ambulance', agency: 'x', post: 'P' },
    state: 'available',
    status: null,
    status_at_ms: null,
    assignment: null,
    incident: null,
    orders: [],
    position: null,
    position_at_ms: null,
    position_mock: false,
    position_clock_wrong: false,
    gaps: [],
    devices: [],
    last_contact_ms: null,
    crew: [],
    now_ms: NOW,
    ...over,
  };
}

function post(code: string, empty: boolean): PostView {
  return {
    post: { code, name: code, agency: 'x', lat: -1.8, lon: 109.9 },
    status: empty ? { state: 'empty', expected: [], since_ms: null } : { state: 'staffed', people: ['Ani'], until_ms: null },
    shifts: [],
    now_ms: NOW,
  };
}

function shown(over: Partial<Shown>): Shown {
  return {
    incidents: [],
    units: [],
    posts: [],
    sos: [],
    centers: new Map(),
    currentIncident: null,
    currentUnit: null,
    now: NOW,
    say: { incident: () => '', unit: () => '', post: () => '', sos: () => '', emptyPost: 'KOSONG' },
    ...over,
  };
}

const at = { lat: -1.9, lon: 110, accuracy_m: null };

describe('the map', () => {
  it('leaves out units nobody knows the position of', () => {
    expect(pins(shown({ units: [unit('AMB-01', {})] }))).toEqual([]);
  });

  it('marks a position past its trust limit as old, and one of unknown age too', () => {
    const units = [
      unit('A', { position: at, position_at_ms: NOW }),
      unit('B', { position: at, position_at_ms: NOW - HOUR }),
      unit('C', { position: at }),
    ];

    expect(pins(shown({ units })).map((pin) => pin.old)).toEqual([false, true, true]);
  });

  it('marks a position of a wrong clock as old, and one from the future', () => {
    const units = [
      unit('A', { position: at, position_at_ms: NOW, position_clock_wrong: true }),
      unit('B', { position: at, position_at_ms: NOW + HOUR }),
      unit('C', { position: at, position_at_ms: 9.3e18 }),
      unit('D', { position: at, position_at_ms: NOW + 1_000 }),
    ];

    expect(pins(shown({ units })).map((pin) => pin.old)).toEqual([true, true, true, false]);
  });

  it('marks a position that was made up, and draws its pin again when that changes', () => {
    const drawn = (position_mock: boolean) => pins(shown({ units: [unit('A', { position: at, position_at_ms: NOW, position_mock })] }));

    expect([drawn(true)[0]?.mock, drawn(false)[0]?.mock]).toEqual([true, false]);
    expect(drawn(true).map(looks)).not.toEqual(drawn(false).map(looks));
  });

  it('draws an empty post above the units, so that nothing hides it', () => {
    const drawn = pins(shown({ units: [unit('A', { position: at })], posts: [post('empty', true), post('staffed', false)] }));

    expect(drawn.map((pin) => pin.key)).toEqual(['post/staffed', 'unit/A', 'post/empty']);
    expect(drawn[2]?.label).toBe('KOSONG');
  });
});
