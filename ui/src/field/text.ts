// The phone page's own sentences in the chosen language.
import { fieldEn } from '../lib/i18n/field.en';
import { fieldId, type FieldWords } from '../lib/i18n/field.id';
import { language } from '../lib/language.svelte';

export function text(): FieldWords {
  return language() === 'en' ? fieldEn : fieldId;
}
