// A form survives a dead renderer: its text is kept by the engine, saved shortly after every change.
import { call } from '../lib/api';

const SETTLE_MS = 250;

export interface Keeper {
  /** Keeps the form as it is now. */
  keep: (form: unknown) => void;
  /** The form was sent: forgets it. */
  forget: () => Promise<void>;
}

export function keeper(key: string): Keeper {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const save = (text: string): Promise<unknown> => call('save_draft', { key, text }).catch(() => undefined);
  return {
    keep(form) {
      clearTimeout(waiting);
      const text = JSON.stringify(form);
      waiting = setTimeout(() => void save(text), SETTLE_MS);
    },
    async forget() {
      clearTimeout(waiting);
      await save('');
    },
  };
}

/** What was kept, as `parse` understands it; nothing when there is none or it is of another version. */
export async function recall<Form>(key: string, parse: (value: unknown) => Form | null): Promise<Form | null> {
  try {
    const kept = await call('draft', { key });
    return kept.text === null || kept.text === '' ? null : parse(JSON.parse(kept.text));
  } catch {
    return null;
  }
}
