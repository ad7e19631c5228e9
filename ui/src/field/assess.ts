// The form of a rapid assessment as it is kept while it is being filled in, and the request it becomes.
import type { Assess } from '../generated/Assess';
import type { DamageQuestion } from '../generated/DamageQuestion';
import type { Metric } from '../generated/Metric';
import type { NeedItem } from '../generated/NeedItem';
import type { Quality } from '../generated/Quality';
import type { Village } from '../generated/Village';
import { DAMAGE } from '../generated/clinical';
import type { DamageAnswer } from '../lib/i18n/field.id';

export interface Entered {
  value: number;
  quality: Quality;
}

export interface AssessForm {
  village: Village | null;
  numbers: { [metric in Metric]?: Entered };
  needs: NeedItem[];
  note: string;
  source: string;
}

export type SectionKey = 'village' | 'casualties' | 'displaced' | 'affected' | 'houses' | 'water' | 'public' | 'needs' | 'note';

/** The sections in the order an observer walks through a village. */
export const SECTIONS: readonly SectionKey[] = ['village', 'casualties', 'displaced', 'affected', 'houses', 'water', 'public', 'needs', 'note'];

export const METRICS: { [key in SectionKey]: readonly Metric[] } = {
  village: [],
  casualties: ['dead', 'missing', 'injured_serious', 'injured'],
  displaced: ['displaced_kk', 'displaced', 'under_five', 'elderly', 'pregnant', 'disability'],
  affected: ['affected_kk', 'affected'],
  houses: ['houses_light', 'houses_moderate', 'houses_heavy', 'houses_swept_away', 'houses_submerged'],
  water: ['water_cm'],
  public: ['schools_damaged', 'health_facilities_damaged', 'worship_damaged', 'bridges_damaged', 'rice_field_ha'],
  needs: [],
  note: [],
};

/** Households beside persons: always together. */
export const PAIRS: readonly (readonly [Metric, Metric])[] = [
  ['displaced_kk', 'displaced'],
  ['affected_kk', 'affected'],
];

/** Water beside the body of an adult, centimetres. */
export const WATER = { ankle: 10, knee: 50, waist: 100, chest: 130, roof: 250 } as const;

export type WaterMark = keyof typeof WATER;

/** How much one step changes a number: houses one by one, people by five would hide the last few. */
export function stepOf(metric: Metric): number {
  return metric === 'water_cm' ? 10 : 1;
}

export function emptyForm(): AssessForm {
  return { village: null, numbers: {}, needs: [], note: '', source: '' };
}

/** A kept form; nothing when it is not one. */
export function parseForm(value: unknown): AssessForm | null {
  if (typeof value !== 'object' || value === null || !('numbers' in value) || !('needs' in value)) return null;
  return Object.assign(emptyForm(), value);
}

export function filledIn(form: AssessForm, section: SectionKey): number {
  if (section === 'village') return form.village === null ? 0 : 1;
  if (section === 'needs') return form.needs.length;
  if (section === 'note') return form.note.trim() === '' ? 0 : 1;
  return METRICS[section].filter((metric) => form.numbers[metric] !== undefined).length;
}

/** Pairs in which there are more households than persons: worth a second look, never refused. */
export function oddPair(form: AssessForm, metric: Metric): boolean {
  return PAIRS.some(([households, persons]) => {
    if (metric !== households && metric !== persons) return false;
    const many = form.numbers[households]?.value;
    const all = form.numbers[persons]?.value;
    return many !== undefined && all !== undefined && many > all;
  });
}

/** The questions that are answered by yes. */
export type DamageFound = { [question in DamageQuestion]?: boolean };

/** The worst finding names the class; a house without any is not damaged. */
export function damageOf(found: DamageFound): DamageAnswer {
  return DAMAGE.find((step) => found[step.ask] === true)?.class ?? 'none';
}

export const METRIC_OF_DAMAGE: { [key in Exclude<DamageAnswer, 'none'>]: Metric } = {
  light: 'houses_light',
  moderate: 'houses_moderate',
  heavy: 'houses_heavy',
};

/** What is sent. `null` while there is no village, or nothing was said. */
export function requestOf(incident: string, form: AssessForm): Assess | null {
  if (form.village === null) return null;
  const metrics = SECTIONS.flatMap((section) => METRICS[section]);
  const numbers = metrics.flatMap((metric) => {
    const entered = form.numbers[metric];
    if (entered === undefined) return [];
    const one = { metric, value: entered.value, quality: entered.quality };
    return [form.source === '' ? one : { ...one, source: form.source }];
  });
  const note = form.note.trim();
  if (numbers.length === 0 && form.needs.length === 0 && note === '') return null;
  const request = { incident, village: form.village.code, numbers, needs: form.needs };
  return note === '' ? request : { ...request, note };
}
