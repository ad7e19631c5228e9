// What every screen of the phone shares: who it is, how it stands with the center, what was just done.
//
// It is a guest of the store: everything shown was read from the engine, and read again whenever the store
// changed. Nothing is assumed to have worked before the engine said so.
import type { DutyScreen } from '../generated/DutyScreen';
import type { Failure } from '../generated/Failure';
import type { Home } from '../generated/Home';
import type { Preferences } from '../generated/Preferences';
import type { Written } from '../generated/Written';
import { CommandFailed, call, onChanged } from '../lib/api';
import { costOf, watchCost } from './cost';
import { setLanguage, words } from '../lib/language.svelte';

interface Toast {
  text: string;
  serial: number;
  failed: boolean;
  /** The entry that an undo strikes. */
  undo: Written | null;
}

const TICK_MS = 5_000;
/** Hidden for longer than this, the page may have slept with the phone. */
const SLEPT_MS = 60_000;
/** Many writes in one moment are one reading. */
const SETTLE_MS = 60;
const THEME_KEY = 'siaga.theme';

let home = $state<Home | null>(null);
let duty = $state<DutyScreen | null>(null);
let failure = $state<Failure | null>(null);
let revision = $state(0);
let toast = $state<Toast | null>(null);
/** What was pressed while an earlier press could still be undone; undoing the last shows the one before. */
let earlier: Toast[] = [];
let skewMs = $state(0);
let deviceMs = $state(Date.now());
let serial = 0;

export const phone = {
  get home(): Home | null {
    return home;
  },
  get duty(): DutyScreen | null {
    return duty;
  },
  /** Why not even the first reading worked. */
  get failure(): Failure | null {
    return failure;
  },
  /** Grows whenever the store changed. */
  get revision(): number {
    return revision;
  },
  get toast(): Toast | null {
    return toast;
  },
  /** The center's clock as the engine last learned it: what records wear their age by. */
  get now(): number {
    return deviceMs + skewMs + (home?.sync.clock_offset_ms ?? 0);
  },
  /** The device's own clock, for what only the device timed: its exchanges, its fixes, its saving. */
  get deviceNow(): number {
    return deviceMs + skewMs;
  },
};

/** Tells the engine what the platform says of the link, so that nothing large comes over one that is paid for. */
function networkIs(): void {
  void call('network_is', { cost: costOf() }).catch(() => undefined);
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommandFailed) return error.failure;
  return { code: 'internal', argument: null, detail: 'unexpected', remedy: '' };
}

export function applyPreferences(preferences: Preferences): void {
  setLanguage(preferences.language);
  const root = document.documentElement;
  root.dataset['theme'] = preferences.theme;
  root.style.setProperty('--text-scale', String(preferences.text_percent / 100));
  localStorage.setItem(THEME_KEY, preferences.theme);
}

export async function reload(): Promise<void> {
  try {
    const read = await call('home', {});
    home = read;
    failure = null;
    deviceMs = Date.now();
    skewMs = read.now_ms - deviceMs;
    if (read.me !== null) {
      applyPreferences(read.me.preferences);
      duty = await call('duty', {});
    }
    revision += 1;
  } catch (error) {
    failure = failureOf(error);
  }
}

/** Starts reading and listening. Returns the function that stops it. */
export function start(): () => void {
  document.documentElement.dataset['theme'] = localStorage.getItem(THEME_KEY) ?? 'auto';
  let settling: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(() => void reload(), SETTLE_MS);
  };
  const stopListening = onChanged(changed);
  const tick = setInterval(() => {
    deviceMs = Date.now();
  }, TICK_MS);
  // What hung on the old address is given up, and what waits goes now.
  const networkUp = (): void => {
    networkIs();
    void call('network_up', {}).catch(() => undefined);
  };
  let hiddenSinceMs = Date.now();
  const shown = (): void => {
    if (document.visibilityState !== 'visible') {
      hiddenSinceMs = Date.now();
      return;
    }
    changed();
    // A phone that slept keeps connections the network has forgotten.
    if (Date.now() - hiddenSinceMs > SLEPT_MS) networkUp();
  };
  document.addEventListener('visibilitychange', shown);
  window.addEventListener('online', networkUp);
  const stopWatching = watchCost(networkIs);
  networkIs();
  void reload();
  return () => {
    stopListening();
    clearInterval(tick);
    clearTimeout(settling);
    document.removeEventListener('visibilitychange', shown);
    window.removeEventListener('online', networkUp);
    stopWatching();
  };
}

export function say(text: string, undo: Written | null = null): void {
  serial += 1;
  earlier = undo !== null && toast !== null && toast.undo !== null ? [...earlier, toast] : [];
  toast = { text, serial, failed: false, undo };
}

/** What did not work, and what to do. */
export function sayFailed(text: string): void {
  serial += 1;
  toast = { text, serial, failed: true, undo: null };
}

export function sayFailure(error: unknown): void {
  const failed = failureOf(error);
  sayFailed(`${words().failure[failed.code]}. ${words().remedy[failed.code]}`);
}

export function hush(): void {
  toast = null;
  earlier = [];
}

/**
 * Runs one writing command and says what came of it. The words are shown only after the engine has answered
 * that it is on the disk; for five seconds an undo strikes the entry again.
 */
/** `said`: `null` where the screen itself shows what became of it. */
export async function act(run: () => Promise<Written>, said: string | null, undoable = true): Promise<Written | null> {
  try {
    const written = await run();
    if (said !== null) say(said, undoable ? written : null);
    // The button that was pressed stays shut until it shows what comes next.
    await reload();
    return written;
  } catch (error) {
    sayFailure(error);
    if (failureOf(error).code === 'moved_on') await reload();
    return null;
  }
}

export async function undo(reason: string): Promise<void> {
  const last = toast?.undo ?? null;
  if (last === null) return;
  const before = earlier[earlier.length - 1] ?? null;
  const rest = earlier.slice(0, -1);
  // A second tap finds nothing to undo twice.
  toast = null;
  const written = await act(() => call('strike', { id: last.id, entry: last.entry, reason }), words().common.undone, false);
  if (written === null || before === null) return;
  serial += 1;
  earlier = rest;
  toast = { ...before, serial };
}
