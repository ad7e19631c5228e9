// The form of vital signs: which are asked for, what an instrument can give, and how a value reads. Order and ranges are those
// of `domain::vitals`; here they warn, the engine decides.
import type { Measured } from '../generated/Measured';
import type { Sign } from '../generated/Sign';
import type { SignRow } from '../generated/SignRow';
import type { Vitals } from '../generated/Vitals';
import { SIGNS } from '../generated/clinical';
import { number } from '../lib/format';
import type { Words } from '../lib/i18n/id';

/** The signs that a crew is asked for, one after the other. */
export const ASKED: readonly SignRow[] = SIGNS.filter((row) => row.is_asked);

/** What is filled in and not saved yet. */
export type Pending = Partial<Vitals>;

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

export function fits(row: SignRow, value: number): boolean {
  return value >= row.low && value <= row.high;
}

/** The sign that is asked for behind this one; `null` behind the last. */
export function signAfter(sign: Sign): Sign | null {
  const at = ASKED.findIndex((row) => row.sign === sign);
  return ASKED[at + 1]?.sign ?? null;
}
