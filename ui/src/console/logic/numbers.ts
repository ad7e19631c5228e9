// The numbers of a rapid assessment in the order they are read out: casualties, people with households and
// persons together, damage, the rest. Two numbers of one fact are never shown apart.

import type { Metric } from '../../generated/Metric';
import type { ObservedView } from '../../generated/ObservedView';

export type Section = 'victims' | 'people' | 'damage' | 'other';

/** One line: a number alone, or households beside persons. */
export interface Line {
  key: string;
  /** The metric that names the line. */
  metric: Metric;
  households: ObservedView | null;
  number: ObservedView | null;
}

const SECTIONS: readonly { section: Section; metrics: readonly Metric[] }[] = [
  { section: 'victims', metrics: ['dead', 'missing', 'injured_serious', 'injured'] },
  { section: 'people', metrics: ['displaced', 'affected', 'under_five', 'elderly', 'pregnant', 'disability'] },
  {
    section: 'damage',
    metrics: [
      'houses_heavy',
      'houses_moderate',
      'houses_light',
      'houses_swept_away',
      'houses_submerged',
      'schools_damaged',
      'health_facilities_damaged',
      'worship_damaged',
      'bridges_damaged',
    ],
  },
  { section: 'other', metrics: ['water_cm', 'rice_field_ha'] },
];

const HOUSEHOLDS: { readonly [metric in Metric]?: Metric } = { displaced: 'displaced_kk', affected: 'affected_kk' };

export function sections(numbers: readonly ObservedView[]): { section: Section; lines: Line[] }[] {
  const of = (metric: Metric | undefined): ObservedView | null =>
    numbers.find((number) => number.metric === metric) ?? null;
  return SECTIONS.map(({ section, metrics }) => ({
    section,
    lines: metrics.flatMap((metric): Line[] => {
      const number = of(metric);
      const households = of(HOUSEHOLDS[metric]);
      return number === null && households === null ? [] : [{ key: metric, metric, households, number }];
    }),
  })).filter(({ lines }) => lines.length > 0);
}

/** Whether a line has households beside persons, seen or not. */
export function isPaired(metric: Metric): boolean {
  return HOUSEHOLDS[metric] !== undefined;
}
