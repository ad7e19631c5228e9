// The form of a report as it is kept while it is being filled in, and the request it becomes.
import type { Category } from '../generated/Category';
import type { Photo } from '../generated/Photo';
import type { Position } from '../generated/Position';
import type { Report } from '../generated/Report';
import type { Village } from '../generated/Village';

export interface ReportForm {
  category: Category | null;
  position: Position | null;
  village: Village | null;
  landmark: string;
  text: string;
  photo: Photo | null;
}

export type ReportStep = 'what' | 'where' | 'words' | 'send';

export const STEPS: readonly ReportStep[] = ['what', 'where', 'words', 'send'];

export function emptyReport(): ReportForm {
  return { category: null, position: null, village: null, landmark: '', text: '', photo: null };
}

/** A kept form; nothing when it is not one. */
export function parseReport(value: unknown): ReportForm | null {
  if (typeof value !== 'object' || value === null || !('category' in value) || !('landmark' in value)) return null;
  return Object.assign(emptyReport(), value);
}

export function hasPlace(form: ReportForm): boolean {
  return form.position !== null || form.village !== null;
}

export function isEmpty(form: ReportForm): boolean {
  return form.category === null && !hasPlace(form) && form.landmark === '' && form.text === '' && form.photo === null;
}

export function isDone(form: ReportForm, step: ReportStep): boolean {
  switch (step) {
    case 'what':
      return form.category !== null;
    case 'where':
      return hasPlace(form);
    case 'words':
      return form.text.trim() !== '' || form.photo !== null;
    case 'send':
      return false;
  }
}

/**
 * What is sent. `null` while the type or the place is missing. Without words the type's own name is the text,
 * because a report is worth sending with nothing but what and where.
 */
export function requestOf(form: ReportForm, categoryName: (category: Category) => string): Report | null {
  if (form.category === null || !hasPlace(form)) return null;
  const words = form.text.trim();
  return {
    category: form.category,
    text: words === '' ? categoryName(form.category) : words,
    ...(form.position === null ? {} : { position: form.position, outside_ok: true }),
    ...(form.village === null ? {} : { village: form.village.code }),
    ...(form.landmark.trim() === '' ? {} : { landmark: form.landmark.trim() }),
    ...(form.photo === null ? {} : { photo: form.photo }),
  };
}
