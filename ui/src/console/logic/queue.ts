// The order of the queue and what the search finds. The most urgent stands first and, among equals, who has
// waited longest; what nobody has judged yet stands above everything judged, because it may be the worst.

import type { IncidentSummary } from '../../generated/center/IncidentSummary';

/** 0 before priority 1: not judged yet. */
function rank(incident: IncidentSummary): number {
  return incident.priority === null ? 0 : Number(incident.priority);
}

/** Open incidents, the next to look at first. */
export function queue(incidents: readonly IncidentSummary[]): IncidentSummary[] {
  return incidents
    .filter((incident) => !incident.closed)
    .sort((a, b) => rank(a) - rank(b) || a.opened_at_ms - b.opened_at_ms || a.id.localeCompare(b.id));
}

/** Closed incidents, the latest first. */
export function closed(incidents: readonly IncidentSummary[]): IncidentSummary[] {
  return incidents
    .filter((incident) => incident.closed)
    .sort((a, b) => (b.closed_at_ms ?? b.opened_at_ms) - (a.closed_at_ms ?? a.opened_at_ms));
}

/** Lower case, without accents, single spaces: what a search compares. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Whether every word of the query stands somewhere in the texts. */
export function matches(query: string, texts: readonly (string | null | undefined)[]): boolean {
  const heap = folded(texts.filter((text) => text).join(' '));
  return folded(query)
    .split(' ')
    .every((word) => heap.includes(word));
}

/** What a search for an incident looks at. `names` are the words the screen shows for it. */
export function searchTexts(incident: IncidentSummary, names: readonly string[]): (string | null | undefined)[] {
  const { place } = incident;
  return [
    ...names,
    incident.category,
    incident.category_name,
    incident.excerpt,
    place?.village?.name,
    place?.village?.district,
    place?.landmark,
    incident.reporting_unit,
    incident.opened_by,
    ...incident.units.map((unit) => unit.unit),
  ];
}
