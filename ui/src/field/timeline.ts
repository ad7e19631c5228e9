// Everything that happened to a patient in one order: by center time, as well as it is known, for reading only.
import type { Authorship } from '../generated/Authorship';
import type { Delivery } from '../generated/Delivery';
import type { PatientScreen } from '../generated/PatientScreen';
import { number } from '../lib/format';
import type { EntryKind, Words } from '../lib/i18n/id';
import { goneText } from '../lib/verdict';
import { ASKED, measuredText } from './vitals';

export interface Line {
  entry: string;
  at: number;
  by: string;
  kind: string;
  what: string;
  struck: boolean;
  delivery: Delivery | null;
}

export function kindWord(kind: string, words: Words): string {
  const known: { [code in string]: string } = words.entryKind;
  return Object.hasOwn(known, kind) ? (known[kind] ?? kind) : kind;
}

/** Newest first. */
export function timelineOf(screen: PatientScreen, words: Words, locale: string): Line[] {
  const { patient } = screen;
  const deliveries = new Map(screen.entry_delivery.map((one) => [one.entry, one.delivery]));
  const line = (author: Authorship, kind: EntryKind, what: string): Line => ({
    entry: author.entry,
    at: author.at_ms,
    by: author.by,
    kind: words.entryKind[kind],
    what,
    struck: false,
    delivery: deliveries.get(author.entry) ?? null,
  });
  const lines: Line[] = [line(patient.opened, 'patient', '')];
  if (patient.triage !== null) {
    lines.push(line(patient.triage.author, 'triage', words.triage[patient.triage.value]));
    for (const claim of patient.triage.disputed_by) lines.push(line(claim.author, 'triage', words.triage[claim.value]));
  }
  if (patient.complaint !== null) lines.push(line(patient.complaint.author, 'complaint', patient.complaint.value));
  for (const set of patient.vitals) {
    const said = ASKED.flatMap(({ sign }) => {
      const value = set.vitals[sign];
      return value === null || value === undefined ? [] : [`${words.sign[sign]} ${measuredText(value, words, locale)}`];
    });
    if (set.vitals.avpu !== null && set.vitals.avpu !== undefined) said.push(words.avpu[set.vitals.avpu]);
    if (set.news2 !== null) said.push(`NEWS2 ${number(set.news2, locale, 0)}`);
    lines.push(line(set.author, 'vitals', said.join(', ')));
  }
  for (const given of patient.treatments) lines.push(line(given.author, 'treatment', [given.what, given.dose].filter((part) => part !== null).join(' ')));
  for (const passed of patient.handovers) lines.push(line(passed.author, 'handover', [passed.receiver, passed.facility].filter((part) => part !== null).join(', ')));
  for (const note of patient.notes) lines.push(line(note.author, 'note', note.text));
  for (const gone of patient.struck) {
    lines.push({ entry: gone.author.entry, at: gone.author.at_ms, by: gone.author.by, kind: kindWord(gone.kind, words), what: goneText(gone, words), struck: true, delivery: null });
  }
  return lines.sort((one, other) => other.at - one.at);
}
