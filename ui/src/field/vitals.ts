// The signs of the vitals form: their order, what an instrument can give, and how a value reads. The ranges are
// those of `domain::vitals`; here they warn, the engine decides.
import type { Measured } from '../generated/Measured';
import type { Vitals } from '../generated/Vitals';
import { number } from '../lib/format';
import type { Sign, Words } from '../lib/i18n/id';

/** The signs that are numbers. */
export type NumberSign = Exclude<Sign, 'avpu' | 'gcs_eye' | 'gcs_verbal' | 'gcs_motor'>;

export interface Range {
  low: number;
  high: number;
  decimal: boolean;
}

export const ORDER: readonly NumberSign[] = ['hr', 'rr', 'sbp', 'dbp', 'spo2', 'temp', 'gcs', 'glucose', 'pain'];

export const RANGES: { [key in NumberSign]: Range } = {
  hr: { low: 0, high: 500, decimal: false },
  rr: { low: 0, high: 300, decimal: false },
  sbp: { low: 0, high: 500, decimal: false },
  dbp: { low: 0, high: 500, decimal: false },
  spo2: { low: 0, high: 100, decimal: false },
  temp: { low: 0, high: 50, decimal: true },
  gcs: { low: 3, high: 15, decimal: false },
  glucose: { low: 0, high: 2000, decimal: false },
  pain: { low: 0, high: 10, decimal: false },
};

/** What is filled in and not saved yet. */
export type Pending = Partial<Vitals>;

export function nothingTaken(): Vitals {
  return {
    hr: null, rr: null, sbp: null, dbp: null, spo2: null, on_oxygen: null, temp: null, glucose: null,
    gcs: null, gcs_eye: null, gcs_verbal: null, gcs_motor: null, avpu: null, pain: null,
  };
}

/** What was kept of a form; nothing when it is not one. */
export function parsePending(value: unknown): Pending | null {
  return typeof value === 'object' && value !== null ? Object.assign<Pending, object>({}, value) : null;
}

export function countOf(pending: Pending): number {
  return Object.values(pending).filter((value) => value !== null && value !== undefined).length;
}

export function measuredText(value: Measured, words: Words, locale: string): string {
  return typeof value === 'number' ? number(value, locale) : words.absent[value];
}

/** `36,5` as typed on the pad; nothing when it is not a number yet. */
export function parseTyped(typed: string): number | null {
  if (typed === '' || typed.endsWith(',')) return null;
  const value = Number(typed.replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}

export function fits(sign: NumberSign, value: number): boolean {
  return value >= RANGES[sign].low && value <= RANGES[sign].high;
}
