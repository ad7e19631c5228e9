// One deed, one key: what lets the center see that a press is the repetition of one whose answer got lost. A key lives
// until its deed is answered, in this tab, so a reload does not lose it. Nothing typed is kept here but the call being taken.

/** The deed of saving the call being taken. */
export const CALL = 'call';

const KEYS = 'siaga.once/';
const DRAFT = 'siaga.draft/';
const DESK = 'siaga.desk';
/** Letters that are not mistaken for one another. */
const LETTERS = 'ABCDEFGHJKLNPQRTUVWXY3479';

function random(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** A short name for a deed that shows nothing of what it says. */
function named(deed: string): string {
  let [a, b] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < deed.length; at += 1) {
    const code = deed.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}`;
}

/** The key of a deed that was not answered yet; a new one where there is none. */
export function keyOf(deed: string): string {
  const place = KEYS + named(deed);
  const fresh = [...random(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    const kept = sessionStorage.getItem(place);
    if (kept !== null) return kept;
    sessionStorage.setItem(place, fresh);
  } catch {
    // Without storage a press repeated after a reload is another deed, as it was.
  }
  return fresh;
}

/** The deed was answered: the same words again are another deed. */
export function settle(deed: string): void {
  try {
    sessionStorage.removeItem(KEYS + named(deed));
  } catch {
    // Nothing was kept.
  }
}

/** What was typed of a call, kept for this person in this tab until it is saved. */
export function keptDraft(user: string): string | null {
  try {
    return sessionStorage.getItem(DRAFT + user);
  } catch {
    return null;
  }
}

export function keepDraft(user: string, draft: string | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(DRAFT + user);
    else sessionStorage.setItem(DRAFT + user, draft);
  } catch {
    // It stays in the page as long as the page stays.
  }
}

/** How this desk is named in *diambil*: three letters of its browser. */
export function deskName(): string {
  try {
    const known = localStorage.getItem(DESK);
    if (known !== null) return known;
    const made = [...random(3)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
    localStorage.setItem(DESK, made);
    return made;
  } catch {
    return '';
  }
}
