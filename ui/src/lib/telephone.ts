// The telephone numbers that a text holds, each by itself. People write two numbers into one field, with a name, an
// extension or a house number beside them; numbers that are joined reach nobody.

export interface Telephone {
  /** As it is dialled: `+628125550101`, `053431112`, `112`. */
  number: string;
  /** The link that dials it. */
  url: string;
}

/** Digits of a whole number: with the area code, or of a mobile. */
const LEAST_WHOLE = 8;
const MOST_NATIONAL = 13;
const MOST_INTERNATIONAL = 15;
/** A mobile number has at least ten digits, a number of an area nine. */
const LEAST_MOBILE = 10;
const LEAST_OF_AREA = 9;
/** A local number, dialled behind an area code. */
const LOCAL = /^[2-9]\d{4,7}$/;
const EMERGENCY = /^1\d{2}$/;
const ALONE = /^\d{3,7}$/;

const EXTENSION = /(?:\b(?:extension|ext|pesawat|pes|psw|x)\b[.:]?|#)\s*\d+/gi;
/** What stands between two numbers: anything but spaces, dots, dashes and brackets; a dash between two spaces as well. */
const BETWEEN = /\s[-\u2010-\u2015]\s|[^\d+()\s.\-\u2010-\u2015]+/u;
const TOKEN = /\+?\d+/g;

/** Every number of the text once, in its order. Empty where it holds none. */
export function telephones(text: string): Telephone[] {
  const segments = text
    .normalize('NFKC')
    .replace(EXTENSION, ' / ')
    .replace(/(\+\s*62)\s*\(0\)/g, '$1')
    .replace(/\+\s+(?=\d)/g, '+')
    .split(BETWEEN)
    .map((segment) => segment.match(TOKEN) ?? [])
    .filter((tokens) => tokens.length > 0);
  const found: string[] = [];
  let area: string | null = null;
  for (const tokens of segments) {
    const whole = wholeNumbers(tokens);
    found.push(...whole.map(dialled));
    const [first] = tokens;
    const joined = tokens.join('');
    if (whole.length > 0) area = first !== undefined && /^0[2-79]\d{1,2}$/.test(first) ? first : null;
    else if (area !== null && LOCAL.test(joined)) found.push(area + joined);
    else if (EMERGENCY.test(joined)) found.push(joined);
  }
  if (found.length === 0) found.push(...segments.map((tokens) => tokens.join('')).filter((number) => ALONE.test(number)));
  return [...new Set(found)].map((number) => ({ number, url: `tel:${number}` }));
}

/** Numbers with an area code, of a mobile or of another country. A group that begins a number of its own ends the one before. */
function wholeNumbers(tokens: readonly string[]): string[] {
  const numbers: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const end = endOf(tokens, at);
    if (end === null) {
      at += 1;
      continue;
    }
    numbers.push(tokens.slice(at, end).join(''));
    at = end;
  }
  return numbers;
}

/** Behind the last group of the number that begins here; null where none does. */
function endOf(tokens: readonly string[], from: number): number | null {
  const first = tokens[from];
  if (first === undefined || !begins(first)) return null;
  let number = first;
  let end = from + 1;
  for (; end < tokens.length; end += 1) {
    const next = tokens[end] ?? '';
    const before = tokens[end - 1] ?? '';
    const isOver = next.startsWith('+') || !fits(number + next);
    const isNext = begins(next) && isComplete(number) && isComplete(restOf(tokens, end));
    const isBeside = next.length <= 2 && before.length > 2 && number.length >= LEAST_MOBILE && isComplete(number);
    if (isOver || isNext || isBeside) break;
    number += next;
  }
  return isComplete(number) && fits(number) ? end : null;
}

/** The group and those behind it, as far as they fit into one number. */
function restOf(tokens: readonly string[], from: number): string {
  let number = tokens[from] ?? '';
  for (const next of tokens.slice(from + 1)) {
    if (isComplete(number) || next.startsWith('+') || !fits(number + next)) break;
    number += next;
  }
  return number;
}

function begins(token: string): boolean {
  return /^(?:\+\d|0\d{2}|62|8\d{2})/.test(token);
}

function fits(number: string): boolean {
  const most = /^(?:\+|00|62)/.test(number) ? MOST_INTERNATIONAL : MOST_NATIONAL;
  return number.replace('+', '').length <= most;
}

function isComplete(number: string): boolean {
  const digits = number.replace('+', '');
  if (/^(?:08|62|\+62|8)/.test(number)) return digits.length >= LEAST_MOBILE;
  return digits.length >= (number.startsWith('0') ? LEAST_OF_AREA : LEAST_WHOLE);
}

/** 62 without a plus reaches nobody, and a zero behind +62 neither. */
function dialled(number: string): string {
  return number.replace(/^00/, '+').replace(/^62/, '+62').replace(/^\+620/, '+62');
}
