// What came of an order, in words; a code of a newer version is shown as it came.
import type { Words } from './i18n/id';

export function outcomeWord(code: string, words: Words): string {
  const known: { [code in string]: string } = words.outcome;
  return Object.hasOwn(known, code) ? (known[code] ?? code) : code;
}
