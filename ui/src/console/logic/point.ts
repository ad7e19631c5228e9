// The telephone number of a caller, as it is typed.

/** A telephone number that can be dialled from Indonesia: 8 to 15 digits, or a short code. */
export function looksLikePhone(text: string): boolean {
  const digits = text.replace(/[\s().-]/g, '');
  return /^\+?\d{8,15}$/.test(digits) || /^1\d{2}$/.test(digits);
}
