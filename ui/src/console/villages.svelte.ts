// Names of villages by code, asked of the center once each. Until the answer the code stands there.
import { SvelteMap } from 'svelte/reactivity';
import type { Village } from '../generated/Village';
import * as api from './api';
import { Trouble } from './api';

const known = new SvelteMap<string, string>();
const asked = new Set<string>();

/** `61.04.14.2015`: four groups of digits. */
const CODE = /\b\d{2}\.\d{2}\.\d{2}\.\d{4}\b/g;

export function learnVillage(village: Village | null | undefined): void {
  if (village && !known.has(village.code)) known.set(village.code, `${village.name}, ${village.district}`);
}

/** The text with every village code in it replaced by the village's name and district. */
export function withVillageNames(text: string): string {
  return text.replace(CODE, (code) => {
    const name = known.get(code);
    if (name === undefined) void ask(code);
    return name ?? code;
  });
}

async function ask(code: string): Promise<void> {
  if (asked.has(code)) return;
  asked.add(code);
  try {
    const found = await api.villages(code);
    learnVillage(found.find((village) => village.code === code));
  } catch (cause) {
    if (!(cause instanceof Trouble)) throw cause;
    // Asked again the next time it is shown.
    asked.delete(code);
  }
}
