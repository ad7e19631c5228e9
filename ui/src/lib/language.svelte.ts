// Which language the page speaks. Everything that shows words reads them through `words()`.
import { en } from './i18n/en';
import { id, type Words } from './i18n/id';

export type Language = 'id' | 'en';

let current = $state<Language>('id');

export function language(): Language {
  return current;
}

export function setLanguage(next: string): void {
  current = next === 'en' ? 'en' : 'id';
  if (typeof document !== 'undefined') document.documentElement.lang = current;
}

export function words(): Words {
  return current === 'en' ? en : id;
}

export function locale(): string {
  return current === 'en' ? 'en-GB' : 'id-ID';
}
