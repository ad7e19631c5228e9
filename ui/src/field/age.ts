// An age as it is typed: a number with its unit chosen beside it, or words that the engine reads.

export type AgeUnit = 'years' | 'months' | 'days';
export const UNITS: readonly AgeUnit[] = ['years', 'months', 'days'];

/** The engine reads an age in Bahasa, whatever the language of the page. */
const UNIT_WORD: { [unit in AgeUnit]: string } = { years: 'tahun', months: 'bulan', days: 'hari' };

export function typedAge(typed: string, unit: AgeUnit): string {
  const text = typed.trim();
  return /^\d+$/.test(text) ? `${text} ${UNIT_WORD[unit]}` : text;
}
