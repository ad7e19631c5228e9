// How the categories of a call are grouped on the intake form: by what a caller would say it is about, from
// the CAP category and the form each one leads to.

import type { Category } from '../../generated/Category';
import type { CategoryChoice } from '../../generated/center/CategoryChoice';
import { matches } from './queue';

export type CategoryGroup =
  | 'health'
  | 'accident'
  | 'fire'
  | 'disaster'
  | 'infrastructure'
  | 'security'
  | 'hazard'
  | 'social'
  | 'no_emergency';

/** In the order of how often a 112 center is called about them. */
export const GROUPS: readonly CategoryGroup[] = [
  'health',
  'accident',
  'fire',
  'disaster',
  'infrastructure',
  'security',
  'hazard',
  'social',
  'no_emergency',
];

export function groupOf(choice: Pick<CategoryChoice, 'cap' | 'form'>): CategoryGroup {
  if (choice.form === 'close' || choice.form === 'forward') return 'no_emergency';
  switch (choice.cap) {
    case 'Health':
      return 'health';
    case 'Transport':
    case 'Rescue':
      return 'accident';
    case 'Fire':
      return 'fire';
    case 'Met':
    case 'Geo':
      return 'disaster';
    case 'Infra':
      return 'infrastructure';
    case 'Security':
      return 'security';
    case 'Safety':
    case 'CBRNE':
      return 'hazard';
    default:
      return 'social';
  }
}

export interface Grouped {
  group: CategoryGroup;
  choices: CategoryChoice[];
}

/** The categories a search leaves, in groups; empty groups are left out. */
export function grouped(
  choices: readonly CategoryChoice[],
  query: string,
  name: (code: Category) => string,
): Grouped[] {
  const left = choices.filter((choice) =>
    matches(query, [choice.code, choice.name, name(choice.code), choice.lead_agency, choice.supporting]),
  );
  return GROUPS.map((group) => ({ group, choices: left.filter((choice) => groupOf(choice) === group) })).filter(
    (one) => one.choices.length > 0,
  );
}
