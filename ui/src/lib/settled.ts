// A press counts only for what the thumb saw. A place whose button changed its meaning takes nothing for 800 ms: the
// second tap of a double tap, a tap that an alarm slid under, a row that moved, an Enter that found another button.
//
// The page is pictured whenever it changes: which button stood where, and what it meant. A press is compared with the
// pictures of the last 800 ms. `data-means` names a meaning (record and deed); an element without it means itself.
// Time is the page's monotonic clock: setting the phone's clock moves nothing.

/** A double tap of a wet thumb is over by then, and so is the reach for a button that was there before. */
export const SETTLE_MS = 800;
/** A change so soon after a press is its consequence. */
const OWN_MS = 800;
/** A thumb that went this far means the new thing; nearer, it may be the same tap again. CSS pixels. */
const ELSEWHERE_PX = 72;
const PRESSABLE = 'button, a[href], summary, [role="button"], .scrim';
/** What moves things without changing the document. */
const SHIFTS = ['animationend', 'transitionend', 'load'] as const;
/** And whatever else does: it must not be found out only by the next press. */
const WATCH_MS = 400;
/** What scrolls. */
const BOXES = '.content, .body, main, .list, .health, .strip';
/** What lies over others: a place on it is not a place on what it covers. */
const PANELS = '.sheet, .incoming, .toast';

export interface Spot {
  meaning: string;
  /** The topmost counts. */
  layer: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Picture<S extends Spot = Spot> {
  /** When the page began to look otherwise; the last picture has no end. */
  until: number;
  spots: S[];
}

export interface Press {
  at: number;
  x: number;
  y: number;
}

/** What stood at a place, of several the one on top; nothing for a place without a button. */
export function topmost<S extends Spot>(spots: readonly S[], x: number, y: number): S | undefined {
  let found: S | undefined;
  for (const spot of spots) {
    if (x < spot.left || x > spot.right || y < spot.top || y > spot.bottom) continue;
    if (found === undefined || spot.layer >= found.layer) found = spot;
  }
  return found === undefined || found.meaning === '' ? undefined : found;
}

/** Whether what is pressed stood under the thumb for long enough. `alarm`: it rose by itself, so nobody reached for it. */
export function isSettled(before: readonly Picture[], press: Press, meaning: string, alarm: boolean, last: Press | null): boolean {
  return before.every((picture) => {
    if (press.at - picture.until >= SETTLE_MS) return true;
    const stood = topmost(picture.spots, press.x, press.y);
    if (stood?.meaning === meaning) return true;
    if (alarm) return false;
    if (stood === undefined) return true;
    const own = last !== null && picture.until >= last.at && picture.until - last.at <= OWN_MS;
    return own && Math.hypot(press.x - last.x, press.y - last.y) > ELSEWHERE_PX;
  });
}

interface Seen extends Spot {
  element: Element;
}

const numbers = new WeakMap<Element, number>();
let counted = 0;

function meaningOf(element: Element): string {
  const named = element.getAttribute('data-means');
  if (named !== null) return named;
  let number = numbers.get(element);
  if (number === undefined) {
    counted += 1;
    number = counted;
    numbers.set(element, number);
  }
  return `#${number}`;
}

function layerOf(element: Element): number {
  const alarm = element.closest('[role="alertdialog"]') === null ? 0 : 8;
  if (element.closest('.toast.failed') !== null) return 20;
  if (element.classList.contains('scrim')) return alarm + 2;
  if (element.closest('[role="dialog"]') !== null) return alarm + 4;
  return element.closest('.toast') === null ? alarm : alarm + 1;
}

function seen(element: Element, meaning: string, lift: number): Seen[] {
  if (element.closest('[inert]') !== null) return [];
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return right > left && bottom > top ? [{ element, meaning, layer: layerOf(element) + lift, left, top, right, bottom }] : [];
}

function look(): Seen[] {
  return [
    ...Array.from(document.querySelectorAll(PANELS)).flatMap((panel) => seen(panel, '', 0)),
    ...Array.from(document.querySelectorAll(PRESSABLE)).flatMap((button) => seen(button, meaningOf(button), 0.5)),
  ];
}

function alike(one: readonly Seen[], other: readonly Seen[]): boolean {
  return (
    one.length === other.length &&
    one.every((spot, index) => {
      const twin = other[index];
      return twin !== undefined && twin.element === spot.element && twin.meaning === spot.meaning && twin.top === spot.top && twin.left === spot.left && twin.bottom === spot.bottom && twin.right === spot.right;
    })
  );
}

/** Guards the whole page. Returns the function that stops it. */
export function guardPresses(): () => void {
  let now: Seen[] = look();
  let before: Picture<Seen>[] = [];
  let last: Press | null = null;
  let waiting = false;
  let settling: ReturnType<typeof setTimeout> | undefined;
  const scrolled = new WeakMap<Element, { x: number; y: number }>();

  function picture(): void {
    note();
    const at = performance.now();
    const next = look();
    before = before.filter((one) => at - one.until < SETTLE_MS);
    if (alike(now, next)) return;
    before.push({ until: at, spots: now });
    now = next;
    // For who watches the page: until it is gone, what changed takes nothing.
    document.documentElement.dataset['settling'] = '';
    clearTimeout(settling);
    settling = setTimeout(() => delete document.documentElement.dataset['settling'], SETTLE_MS);
  }

  function soon(): void {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      picture();
    });
  }

  /** What a finger scrolls moves with the finger: the pictures move too. */
  function follow(box: Element): void {
    const from = scrolled.get(box) ?? { x: box.scrollLeft, y: box.scrollTop };
    const [x, y] = [box.scrollLeft - from.x, box.scrollTop - from.y];
    scrolled.set(box, { x: box.scrollLeft, y: box.scrollTop });
    if (x === 0 && y === 0) return;
    for (const spot of [now, ...before.map((one) => one.spots)].flat()) {
      if (!box.contains(spot.element) || box === spot.element) continue;
      spot.left -= x;
      spot.right -= x;
      spot.top -= y;
      spot.bottom -= y;
    }
  }

  function scroll(event: Event): void {
    if (event.target instanceof Element) follow(event.target);
    else if (document.scrollingElement !== null) follow(document.scrollingElement);
  }

  /** Where each box stands, before anybody scrolls it. */
  function note(): void {
    for (const box of document.querySelectorAll(BOXES)) follow(box);
    if (document.scrollingElement !== null) follow(document.scrollingElement);
  }

  function counts(button: Element, event: MouseEvent | KeyboardEvent): boolean {
    picture();
    const at = performance.now();
    const meaning = meaningOf(button);
    const alarm = button.closest('[role="alertdialog"]') !== null;
    if (event instanceof MouseEvent && event.detail > 0) {
      const press = { at, x: event.clientX, y: event.clientY };
      if (!isSettled(before, press, meaning, alarm, last)) return false;
      last = press;
      return true;
    }
    // A key, or a press without a place: the button itself must have meant this all the while.
    return before.every((one) => {
      const same = one.spots.find((spot) => spot.element === button);
      return same === undefined ? !alarm : same.meaning === meaning;
    });
  }

  function swallow(event: Event): void {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  function pressed(event: MouseEvent | KeyboardEvent, wanted: string): void {
    const button = event.target instanceof Element ? event.target.closest(wanted) : null;
    if (button !== null && !counts(button, event)) swallow(event);
  }

  const clicked = (event: MouseEvent): void => pressed(event, PRESSABLE);
  // What acts when a finger goes down is asked then: the hold of the SOS.
  const held = (event: PointerEvent): void => {
    const button = event.target instanceof Element ? event.target.closest('[data-hold]') : null;
    if (button === null) return;
    picture();
    const press = { at: performance.now(), x: event.clientX, y: event.clientY };
    if (!isSettled(before, press, meaningOf(button), false, last)) swallow(event);
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') pressed(event, '[data-hold]');
  };

  const watcher = new MutationObserver(soon);
  watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['class', 'style', 'data-means', 'inert', 'disabled'] });
  window.addEventListener('click', clicked, true);
  window.addEventListener('pointerdown', held, true);
  window.addEventListener('keydown', keyed, true);
  window.addEventListener('scroll', scroll, true);
  window.addEventListener('resize', soon);
  for (const name of SHIFTS) document.addEventListener(name, soon, true);
  const watch = setInterval(picture, WATCH_MS);
  return () => {
    clearTimeout(settling);
    watcher.disconnect();
    window.removeEventListener('click', clicked, true);
    window.removeEventListener('pointerdown', held, true);
    window.removeEventListener('keydown', keyed, true);
    window.removeEventListener('scroll', scroll, true);
    window.removeEventListener('resize', soon);
    for (const name of SHIFTS) document.removeEventListener(name, soon, true);
    clearInterval(watch);
  };
}
