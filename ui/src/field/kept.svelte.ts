// The words of a sheet, kept until they are sent: an order that comes in, the way back, the scrim and a reload lose nothing.
import { keeper, recall } from './draft';

export interface Kept<Form> {
  readonly value: Form;
  change: (next: Form) => void;
  /** It was sent. */
  forget: () => Promise<void>;
}

export function parseText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Text fields by name, as far as they are text. */
export function parseTexts<Name extends string>(names: readonly Name[]): (value: unknown) => { [name in Name]?: string } | null {
  return (value) => {
    if (typeof value !== 'object' || value === null) return null;
    const known = new Map<string, unknown>(Object.entries(value));
    const found: { [name in Name]?: string } = {};
    for (const name of names) {
      const text = known.get(name);
      if (typeof text === 'string') found[name] = text;
    }
    return found;
  };
}

/** Call it while a component is being made. */
export function kept<Form>(key: string, empty: NoInfer<Form>, parse: (value: unknown) => Form | null): Kept<Form> {
  let value = $state.raw(empty);
  let touched = false;
  const draft = keeper(key);
  void recall(key, parse).then((before) => {
    if (before !== null && !touched) value = before;
  });
  $effect(() => draft.flush);
  return {
    get value() {
      return value;
    },
    change(next) {
      touched = true;
      value = next;
      draft.keep(next);
    },
    async forget() {
      touched = true;
      value = empty;
      await draft.forget();
    },
  };
}
