// Which lists a change makes stale. An unknown kind makes all of them stale: reading too much is only slow.

export type Part = 'incidents' | 'units' | 'devices' | 'unplaced' | 'posts' | 'sos' | 'alerts' | 'choices' | 'boundaries';

export const ALL_PARTS: readonly Part[] = [
  'incidents',
  'units',
  'devices',
  'unplaced',
  'posts',
  'sos',
  'alerts',
  'choices',
  'boundaries',
];

/** The lists to read again after something of this kind changed. */
export function staleAfter(kind: string): readonly Part[] {
  switch (kind) {
    case 'incident':
    case 'patient':
    case 'identity':
    case 'assessment':
      return ['incidents', 'unplaced', 'alerts'];
    case 'assignment':
      return ['incidents', 'units', 'alerts'];
    case 'sos':
      return ['sos', 'alerts', 'units'];
    case 'shift':
    case 'post':
      return ['posts', 'unplaced', 'alerts', 'units'];
    case 'device':
      return ['devices', 'units', 'alerts'];
    case 'verdict':
      // What was not taken is listed beside the phones that sent it; a phone that floods is an alert.
      return ['devices', 'alerts'];
    case 'waiting':
      return ['incidents', 'alerts'];
    case 'position':
      return ['units'];
    case 'file':
      return [];
    default:
      return ALL_PARTS;
  }
}

/** Whether the open incident must be read again as well. */
export function touchesDetail(kind: string): boolean {
  return kind !== 'shift' && kind !== 'post' && kind !== 'verdict';
}
