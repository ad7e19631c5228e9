// English has another word for one than for more; Bahasa Indonesia does not.

/** A number as it is written, with the word for one or for more. */
export function some(n: string, one: string, more: string): string {
  return `${n} ${n === '1' ? one : more}`;
}
