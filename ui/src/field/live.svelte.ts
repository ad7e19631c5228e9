// An answer that stays true: asked when a screen opens and again whenever the store changed.
import type { Failure } from '../generated/Failure';
import { failureOf, phone } from './phone.svelte';

export interface Live<T> {
  readonly value: T | null;
  readonly failure: Failure | null;
}

/** Call it while a component is being made. What `ask` reads is watched too. */
export function live<T>(ask: () => Promise<T>): Live<T> {
  let value = $state.raw<T | null>(null);
  let failure = $state.raw<Failure | null>(null);
  let asked = 0;

  $effect(() => {
    void phone.revision;
    asked += 1;
    const mine = asked;
    ask().then(
      (answer) => {
        // A slow answer must not overwrite a newer one.
        if (mine !== asked) return;
        value = answer;
        failure = null;
      },
      (error: unknown) => {
        if (mine === asked) failure = failureOf(error);
      },
    );
  });

  return {
    get value() {
      return value;
    },
    get failure() {
      return failure;
    },
  };
}
