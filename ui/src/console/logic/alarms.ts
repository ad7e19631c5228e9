// What must be heard, and until when. One tone at a time, the worst: an alarm sounds until somebody acts on it. A call that
// nobody was sent to falls silent at every desk when somebody takes it, and at no desk before.

import type { Alert } from '../../generated/center/Alert';
import type { StaffRole } from '../../generated/center/StaffRole';

/** One thing that sounds. `key` names it together with its level, so that a new level is a new sound. */
export interface Sounding {
  key: string;
  urgent: boolean;
  /** This desk may silence it for itself. */
  mutable: boolean;
}

export function alertKey(alert: Pick<Alert, 'kind' | 'id' | 'level'>): string {
  return `${alert.kind}/${alert.id}/${alert.level}`;
}

/** A call that no unit was sent to, or that no unit is on any more. */
export function isUnsent(alert: Pick<Alert, 'kind'>): boolean {
  return alert.kind === 'unsent' || alert.kind === 'declined';
}

/** What sounds now at the desk of somebody with this role, given what was silenced at it. */
export function sounding(alerts: readonly Alert[], inHand: ReadonlySet<string>, role: StaffRole): Sounding[] {
  const heard = alerts.flatMap((alert): Sounding[] => {
    const key = alertKey(alert);
    if (alert.kind === 'sos') {
      // Answered, or taken back by the crew: a lower tone, until somebody is known to be safe.
      const quieter = alert.quiet ? `${key}/${alert.sos ?? ''}` : key;
      return [{ key: quieter, urgent: !alert.quiet, mutable: true }];
    }
    if (isUnsent(alert)) {
      if (alert.quiet || (alert.level === 0 && role !== 'dispatcher')) return [];
      return [{ key, urgent: alert.level >= 2, mutable: false }];
    }
    return alert.kind === 'unanswered' || alert.kind === 'unplaced' ? [{ key, urgent: false, mutable: true }] : [];
  });
  return heard.filter((one) => !one.mutable || !inHand.has(one.key));
}

/** The incidents that one press takes. */
export function toTake(alerts: readonly Alert[]): string[] {
  return alerts.flatMap((alert) => (isUnsent(alert) && !alert.quiet && alert.incident !== null ? [alert.incident] : []));
}
