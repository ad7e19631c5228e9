// Codes and fields of entries put into words: a line of the timeline, one side of a dispute, a vital sign.
// What a newer center writes and this page does not know is shown as it stands, never hidden.

import type { Vitals } from '../generated/Vitals';
import type { Fact } from '../generated/center/Fact';
import type { TimelineItem } from '../generated/center/TimelineItem';
import { number } from '../lib/format';
import { locale, words } from '../lib/language.svelte';
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
const SILENT: readonly string[] = ['incident', 'identity', 'patient', 'lat', 'lon', 'accuracy_m', 'size_bytes', 'media', 'attachment', 'target', 'ack_within_s', 'caller_name', 'caller_phone', 'method', 'incident_id'];

function valueOf(fact: Fact, kind: string, facility: (code: string) => string): string {
  const table = tableOf(fact.name, kind);
  if (table !== null) return worded(table, fact.value);
  if (fact.name === 'facility') return facility(fact.value);
  if (fact.name === 'village') return withVillageNames(fact.value);
  const signs: Table = words().sign;
  const units: Table = words().signUnit;
  const name = kind === 'vitals' ? signs[fact.name] : undefined;
  if (name !== undefined) {
    const measured = Number.isFinite(Number(fact.value))
      ? `${figure(Number(fact.value))} ${units[fact.name] ?? ''}`.trim()
      : worded(words().absent, fact.value);
    return `${name} ${measured}`;
  }
  if (fact.name === 'age_years') return own().patient.years(fact.value);
  if (fact.name === 'level') return escalation(Number(fact.value));
  if (fact.name === 'on_oxygen') return fact.value === 'true' ? own().patient.onOxygen : '';
  return /^-?\d+(\.\d+)?$/.test(fact.value) ? figure(Number(fact.value)) : fact.value;
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
    .filter((fact) => !SILENT.includes(fact.name))
    .map((fact) => valueOf(fact, item.kind, facility))
    .filter((text) => text !== '')
    .join(', ');
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

type Measurement = Exclude<keyof Vitals, 'on_oxygen' | 'avpu'>;
const READ_OUT: readonly Measurement[] = ['hr', 'rr', 'spo2', 'temp', 'glucose', 'gcs', 'pain'];

/** A set of vital signs as it is read out; blood pressure is one sign of two numbers. */
export function signs(vitals: Vitals): Sign[] {
  const all = words();
  const spoken: Sign[] = [];
  const { sbp, dbp } = vitals;
  if (typeof sbp === 'number' || typeof dbp === 'number') {
    const side = (one: typeof sbp): string => (typeof one === 'number' ? figure(one) : '?');
    spoken.push({ name: own().patient.bloodPressure, value: `${side(sbp)}/${side(dbp)} ${all.signUnit.sbp}` });
  }
  for (const sign of READ_OUT) {
    const measured = vitals[sign];
    if (measured === null || measured === undefined) continue;
    const value = typeof measured === 'number' ? `${figure(measured)} ${UNITLESS.includes(sign) ? '' : all.signUnit[sign]}`.trim() : all.absent[measured];
    const oxygen = sign === 'spo2' && vitals.on_oxygen === true ? ` ${own().patient.onOxygen}` : '';
    spoken.push({ name: all.sign[sign], value: `${value}${oxygen}` });
  }
  if (vitals.avpu) spoken.push({ name: all.sign.avpu, value: all.avpu[vitals.avpu] });
  return spoken;
}

/** Scales whose "unit" is their range. */
const UNITLESS: readonly Measurement[] = ['gcs', 'pain'];
