// The console's own words in the chosen language.
import { language } from '../lib/language.svelte';
import { en } from './i18n/en';
import { type ConsoleWords, id } from './i18n/id';

export function own(): ConsoleWords {
  return language() === 'en' ? en : id;
}
