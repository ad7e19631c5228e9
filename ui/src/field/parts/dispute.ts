// The words of a disputed field and its values: a code list's word where there is one, the text itself otherwise.
import { number } from '../../lib/format';
import type { Words } from '../../lib/i18n/id';

function lookup(list: { [code in string]: string }, code: string): string | undefined {
  return Object.hasOwn(list, code) ? list[code] : undefined;
}

export function fieldName(field: string, words: Words): string {
  const plain = field.startsWith('casualties.') ? lookup(words.casualties, field.slice('casualties.'.length)) : undefined;
  return plain ?? lookup(words.field, field) ?? lookup(words.metric, field) ?? lookup(words.identityField, field) ?? field;
}

export function valueText(field: string, value: string, words: Words, locale: string): string {
  const coded = field === 'triage' ? lookup(words.triage, value) : field === 'category' ? lookup(words.category, value) : undefined;
  if (coded !== undefined) return coded;
  const unit = lookup(words.metricUnit, field);
  const figure = Number(value);
  if (unit !== undefined && Number.isFinite(figure)) return `${number(figure, locale)} ${unit}`;
  return value;
}
