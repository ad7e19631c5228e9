// A form survives a dead renderer: its text is kept by the engine, at once on the first change and shortly after every
// other. A photograph is kept apart from the words, made small by the engine. What could not be kept is said.
import type { Photo } from '../generated/Photo';
import { call } from '../lib/api';
import { sayFailure } from './phone.svelte';

const SETTLE_MS = 250;

export interface Keeper {
  /** Keeps the form as it is now. */
  keep: (form: unknown) => void;
  /** Keeps at once what still waits: the form is closed, or the page goes away. */
  flush: () => void;
  /** The form was sent: forgets it. */
  forget: () => Promise<void>;
}

const open = new Set<Keeper>();

/** What was typed in the last moment, before the page is put away. */
function flushAll(): void {
  for (const keeper of open) keeper.flush();
}

if (typeof window !== 'undefined') {
  window.addEventListener('pagehide', flushAll);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') flushAll();
  });
}

export function keeper(key: string): Keeper {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let text: string | null = null;
  let failed = false;
  const save = async (kept: string): Promise<void> => {
    try {
      await call('save_draft', { key, text: kept });
      failed = false;
    } catch (error) {
      // Once, and again only after it worked meanwhile: not at every letter.
      if (!failed) sayFailure(error);
      failed = true;
    }
  };
  const flush = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    if (text !== null) void save(text);
    text = null;
    open.delete(self);
  };
  const self: Keeper = {
    keep(form) {
      text = JSON.stringify(form);
      open.add(self);
      if (waiting !== undefined) return;
      void save(text);
      text = null;
      waiting = setTimeout(flush, SETTLE_MS);
    },
    flush,
    async forget() {
      clearTimeout(waiting);
      waiting = undefined;
      text = null;
      open.delete(self);
      await save('');
    },
  };
  return self;
}

/** What was kept, as `parse` understands it; nothing when there is none or it is of another version. */
export async function recall<Form>(key: string, parse: (value: unknown) => Form | null): Promise<Form | null> {
  let text: string | null;
  try {
    text = (await call('draft', { key })).text;
  } catch (error) {
    sayFailure(error);
    return null;
  }
  if (text === null || text === '') return null;
  try {
    return parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function parsePhoto(value: unknown): Photo | null {
  if (typeof value !== 'object' || value === null || !('media' in value) || !('base64' in value)) return null;
  return typeof value.media === 'string' && typeof value.base64 === 'string' ? { media: value.media, base64: value.base64 } : null;
}

/** Keeps the photograph of a form, or forgets it, and gives it back as it is kept. It is shown even if keeping failed. */
export async function keepPhoto(key: string, photo: Photo | null): Promise<Photo | null> {
  try {
    if (photo !== null) return await call('keep_photo', { key, photo });
    await call('save_draft', { key: `photo/${key}`, text: '' });
  } catch (error) {
    sayFailure(error);
  }
  return photo;
}

export function recallPhoto(key: string): Promise<Photo | null> {
  return recall(`photo/${key}`, parsePhoto);
}
