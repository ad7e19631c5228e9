// Language and theme of this desk, kept in the browser: they belong to the monitor, not to the person.
import { language, setLanguage } from '../lib/language.svelte';

export type Theme = 'auto' | 'day' | 'night';
export const THEMES: readonly Theme[] = ['auto', 'day', 'night'];

const THEME_KEY = 'siaga.theme';
const LANGUAGE_KEY = 'siaga.language';

let current = $state<Theme>('auto');

export function theme(): Theme {
  return current;
}

export function setTheme(next: Theme): void {
  current = next;
  document.documentElement.dataset['theme'] = next;
  keep(THEME_KEY, next);
}

export function chooseLanguage(next: string): void {
  setLanguage(next);
  keep(LANGUAGE_KEY, language());
}

/** What was chosen on this desk before. */
export function recall(): void {
  setLanguage(kept(LANGUAGE_KEY) ?? 'id');
  const before = kept(THEME_KEY);
  setTheme(THEMES.find((one) => one === before) ?? 'auto');
}

// A browser may forbid storage; then the choice lasts as long as the page.
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
