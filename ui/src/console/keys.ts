// The keyboard of the desk. Single letters, because one hand holds a pen; they are silent while somebody types.

export type Command =
  | 'new'
  | 'search'
  | 'assign'
  | 'note'
  | 'close'
  | 'units'
  | 'queue'
  | 'alerts'
  | 'devices'
  | 'map'
  | 'help'
  | 'take'
  | 'back';

/** The key of each command, as the hints show it. */
export const KEY_OF: { readonly [command in Command]: string } = {
  new: 'N',
  search: '/',
  assign: 'A',
  note: 'C',
  close: 'T',
  units: 'U',
  queue: 'Q',
  alerts: 'S',
  devices: 'P',
  map: 'M',
  help: '?',
  take: 'G',
  back: 'Esc',
};

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** What a key asks for; nothing with a modifier, and only Escape while typing. */
export function commandOf(pressed: Pressed, typing: boolean): Command | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  if (pressed.key === 'Escape') return 'back';
  if (typing) return null;
  const key = pressed.key.toUpperCase();
  const found = Object.entries(KEY_OF).find(([, of]) => of === key);
  return found ? (found[0] as Command) : null;
}

/** Whether what is focused takes letters. */
export function takesLetters(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

const ROWS = '[data-row]:not([disabled])';

function rowsOf(list: ParentNode): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(ROWS)];
}

/** Up, Down, Home and End move among the rows of a list; Enter is the row's own. */
export function arrows(list: HTMLElement): { destroy: () => void } {
  const move = (event: KeyboardEvent): void => {
    const rows = rowsOf(list);
    const here = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
    const next = nextRow(event.key, here, rows.length);
    if (next === null) return;
    if (here < 0 && !takesLetters(event.target)) return;
    event.preventDefault();
    rows[next]?.focus();
  };
  list.addEventListener('keydown', move);
  return { destroy: () => list.removeEventListener('keydown', move) };
}

/** The row an arrow leads to from row `here` (-1: above the list); null when the key is no arrow. */
export function nextRow(key: string, here: number, rows: number): number | null {
  if (rows === 0) return null;
  switch (key) {
    case 'ArrowDown':
      return Math.min(rows - 1, here + 1);
    case 'ArrowUp':
      return Math.max(0, here - 1);
    case 'Home':
      return here < 0 ? null : 0;
    case 'End':
      return here < 0 ? null : rows - 1;
    default:
      return null;
  }
}

/** Puts the keyboard on the first row of a list, or on the one marked current. */
export function enterList(list: HTMLElement | null | undefined): void {
  if (!list) return;
  const rows = rowsOf(list);
  (rows.find((row) => row.getAttribute('aria-current') === 'true') ?? rows[0])?.focus();
}
