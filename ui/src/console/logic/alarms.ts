// What must be heard, and until when. An alarm sounds until somebody acts on it: answers the SOS, cancels or
// reassigns the order, opens the report; or says "I have it". A higher escalation sounds again.

import type { Alert } from '../../generated/center/Alert';
import type { IncidentSummary } from '../../generated/center/IncidentSummary';
import { untouchedReports } from './queue';

/** Alerts that are heard; the others are only seen. */
const HEARD: readonly Alert['kind'][] = ['sos', 'unplaced', 'unanswered', 'declined'];

/** One thing that sounds. `key` names it together with its level, so that a new level is a new sound. */
export interface Sounding {
  key: string;
  urgent: boolean;
}

export function alertKey(alert: Pick<Alert, 'kind' | 'id' | 'level'>): string {
  return `${alert.kind}/${alert.id}/${alert.level}`;
}

export function reportKey(incident: Pick<IncidentSummary, 'id'>): string {
  return `report/${incident.id}`;
}

/** What sounds now, given what somebody already took in hand. */
export function sounding(
  alerts: readonly Alert[],
  incidents: readonly IncidentSummary[],
  inHand: ReadonlySet<string>,
): Sounding[] {
  const fromAlerts = alerts
    .filter((alert) => HEARD.includes(alert.kind))
    .map((alert) => ({ key: alertKey(alert), urgent: alert.kind === 'sos' }));
  const fromReports = untouchedReports(incidents).map((incident) => ({ key: reportKey(incident), urgent: false }));
  return [...fromAlerts, ...fromReports].filter((one) => !inHand.has(one.key));
}
