// How old a patient is, in words: months and days for the youngest.
import { number } from './format';
import type { Words } from './i18n/id';

interface Aged {
  age_years: number | null;
  age_months: number | null;
  age_days: number | null;
}

/** From two years on months say nothing more. */
const BY_MONTHS = 24;

/** Nothing where only a band is known. */
export function ageText(of: Aged, words: Words, locale: string): string | null {
  const { age_years: years, age_months: months, age_days: days } = of;
  const count = (n: number): string => number(n, locale, 0);
  const parts = [];
  if (months !== null && months < BY_MONTHS && (months > 0 || days === null)) parts.push(words.ageMonths(count(months)));
  if (days !== null && (months === null || months < BY_MONTHS) && (days > 0 || months === null) && (years === null || years < 2)) parts.push(words.ageDays(count(days)));
  if (parts.length > 0) return parts.join(' ');
  return years === null ? null : words.ageYears(count(years));
}
