// Codes and fields of entries put into words: a line of the timeline, one side of a dispute, a vital sign.
// What a newer center writes and this page does not know is shown as it stands, never hidden.

import type { SignRow } from '../generated/SignRow';
import type { Vitals } from '../generated/Vitals';
import { SIGNS } from '../generated/clinical';
import type { Fact } from '../generated/center/Fact';
import type { TimelineItem } from '../generated/center/TimelineItem';
import { number } from '../lib/format';
import { locale, words } from '../lib/language.svelte';
import { fact } from './logic/timeline';
import { own } from './own';
import { withVillageNames } from './villages.svelte';

type Table = { readonly [code: string]: string };

/** The word for a code, or the code itself. */
function worded(table: Table, code: string): string {
  return table[code] ?? code;
}

export function entryName(kind: string): string {
  return worded(words().entryKind, kind);
}

/** Words for the values of a field, where they are codes. */
function tableOf(field: string, kind: string): Table | null {
  const all = words();
  switch (field) {
    case 'status':
      return all.status;
    case 'color':
      return all.triage;
    case 'category':
      return all.category;
    case 'priority':
      return all.priority;
    case 'quality':
      return all.quality;
    case 'metric':
      return all.metric;
    case 'method':
      return all.triageMethod;
    case 'outcome':
      return all.outcome;
    case 'sex':
      return all.sex;
    case 'age_band':
      return all.ageBand;
    case 'of':
      return all.casualties;
    case 'source':
      return kind === 'opened' ? all.source : null;
    case 'avpu':
      return all.avpu;
    case 'reason':
      return kind === 'closed' ? all.closure : null;
    default:
      return null;
  }
}

/** Fields that say nothing to a dispatcher or stand elsewhere on the screen. */
const SILENT: readonly string[] = [
  'incident',
  'identity',
  'patient',
  'lat',
  'lon',
  'accuracy_m',
  'size_bytes',
  'media',
  'attachment',
  'target',
  'ack_within_s',
  'caller_name',
  'caller_phone',
  'method',
];

function valueOf(one: Fact, kind: string, facility: (code: string) => string): string {
  const table = tableOf(one.name, kind);
  if (table !== null) return worded(table, one.value);
  if (one.name === 'facility') return facility(one.value);
  if (one.name === 'village') return withVillageNames(one.value);
  const signs: Table = words().sign;
  const units: Table = words().signUnit;
  const name = kind === 'vitals' ? signs[one.name] : undefined;
  if (name !== undefined) {
    const measured = Number.isFinite(Number(one.value))
      ? `${figure(Number(one.value))} ${units[one.name] ?? ''}`.trim()
      : worded(words().absent, one.value);
    return `${name} ${measured}`;
  }
  if (one.name === 'age_years') return own().patient.years(one.value);
  if (one.name === 'age_months') return words().ageMonths(one.value);
  if (one.name === 'age_days') return words().ageDays(one.value);
  if (one.name === 'level') return escalation(Number(one.value));
  if (one.name === 'on_oxygen') return one.value === 'true' ? own().patient.onOxygen : '';
  return /^-?\d+(\.\d+)?$/.test(one.value) ? figure(Number(one.value)) : one.value;
}

function escalation(level: number): string {
  const { again, next, supervisor } = own().escalation;
  return level >= 3 ? supervisor : level === 2 ? next : again;
}

function figure(value: number): string {
  return number(value, locale());
}

/** What an entry says, in one line: `Menuju lokasi`, `Nadi 112 x/menit, Saturasi oksigen 91 %`. */
export function factText(item: Pick<TimelineItem, 'kind' | 'facts'>, facility: (code: string) => string): string {
  return item.facts
    .filter((one) => !SILENT.includes(one.name))
    .map((one) => valueOf(one, item.kind, facility))
    .filter((text) => text !== '')
    .join(', ');
}

export interface DeedLine {
  key: string;
  name: string;
  text: string;
}

/** What one deed wrote, a line for each kind of entry; households and persons of one number together. */
export function deedLines(items: readonly TimelineItem[], facility: (code: string) => string): DeedLine[] {
  const lines: DeedLine[] = [];
  for (const item of items) {
    const text = item.kind === 'observed' ? observed(item, items) : factText(item, facility);
    if (text === null) continue;
    const before = lines.find((line) => line.name === entryName(item.kind));
    if (before) before.text = [before.text, text].filter((part) => part !== '').join(', ');
    else lines.push({ key: item.entry, name: entryName(item.kind), text });
  }
  return lines;
}

/** `Mengungsi 112 KK / 488 jiwa (perkiraan)`; null for a number that another one already carries. */
function observed(item: TimelineItem, all: readonly TimelineItem[]): string | null {
  const metrics: Table = words().metric;
  const units: Table = words().metricUnit;
  const metric = fact(item, 'metric');
  if (metric === null) return factText(item, (code) => code);
  const sibling = (name: string): TimelineItem | undefined =>
    all.find((other) => other.kind === 'observed' && fact(other, 'metric') === name);
  if (metric.endsWith('_kk') && sibling(metric.slice(0, -3))) return null;
  const amount = (one: TimelineItem): string => {
    const value = fact(one, 'value') ?? '';
    const of = fact(one, 'metric') ?? '';
    return [/^-?\d+(\.\d+)?$/.test(value) ? figure(Number(value)) : value, units[of]].filter((part) => part).join(' ');
  };
  const households = sibling(`${metric}_kk`);
  const name = (metrics[metric] ?? metric).replace(/ \(.*\)$/, '');
  const quality = fact(item, 'quality');
  const qualities: Table = words().quality;
  const amounts = households ? `${amount(households)} / ${amount(item)}` : amount(item);
  return `${name} ${amounts}${quality === null ? '' : ` (${qualities[quality] ?? quality})`}`;
}

/** The name of a field people may disagree about: a metric, an identity field, `casualties.dead`. */
export function disputedName(field: string): string {
  const all = words();
  const [first, second] = field.split('.');
  if (first === 'casualties' && second !== undefined) return worded(all.casualties, second);
  const tables: readonly Table[] = [all.field, all.metric, all.identityField];
  return tables.find((table) => field in table)?.[field] ?? field;
}

export function disputedValue(field: string, value: string, facility: (code: string) => string): string {
  const all = words();
  if (field === 'category') return worded(all.category, value);
  if (field === 'triage') return worded(all.triage, value);
  if (field === 'destination') return facility(value);
  if (field === 'place') return withVillageNames(value);
  const units: Table = all.metricUnit;
  const unit = units[field];
  if (/^-?\d+(\.\d+)?$/.test(value) && (unit !== undefined || field.startsWith('casualties.'))) {
    return [figure(Number(value)), unit].filter((part) => part).join(' ');
  }
  return value;
}

export interface Sign {
  name: string;
  value: string;
}

/** Blood pressure is read out as one sign. */
const READ_OUT: readonly SignRow[] = SIGNS.filter((row) => row.is_asked && row.sign !== 'sbp' && row.sign !== 'dbp');

/** A set of vital signs as it is read out; blood pressure is one sign of two numbers. */
export function signs(vitals: Vitals): Sign[] {
  const all = words();
  const spoken: Sign[] = [];
  const { sbp, dbp } = vitals;
  if (typeof sbp === 'number' || typeof dbp === 'number') {
    const side = (one: typeof sbp): string => (typeof one === 'number' ? figure(one) : '?');
    spoken.push({ name: own().patient.bloodPressure, value: `${side(sbp)}/${side(dbp)} ${all.signUnit.sbp}` });
  }
  for (const { sign, unit } of READ_OUT) {
    const measured = vitals[sign];
    if (measured === null || measured === undefined) continue;
    const value = typeof measured === 'number' ? `${figure(measured)} ${unit === '' ? '' : all.signUnit[sign]}`.trim() : all.absent[measured];
    const oxygen = sign === 'spo2' && vitals.on_oxygen === true ? ` ${own().patient.onOxygen}` : '';
    spoken.push({ name: all.sign[sign], value: `${value}${oxygen}` });
  }
  if (vitals.avpu) spoken.push({ name: all.sign.avpu, value: all.avpu[vitals.avpu] });
  return spoken;
}
