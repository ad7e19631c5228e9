import { describe, expect, it } from 'vitest';
import type { CategoryChoice } from '../../generated/center/CategoryChoice';
import { grouped, groupOf } from './categories';

function choice(over: Partial<CategoryChoice>): CategoryChoice {
  return { code: 'BANJIR', name: 'Banjir', lead_agency: 'BPBD', supporting: '', eido: 'HAZ', cap: 'Met', form: 'assessment', ...over };
}

const flood = choice({});
const crash = choice({ code: 'LAKA-LUKA', name: 'Kecelakaan', lead_agency: 'Polres (Satlantas), PSC 119', cap: 'Transport', form: 'patient' });
const prank = choice({ code: 'PRANK', name: 'Iseng', lead_agency: 'Pusat 112', cap: null, form: 'close' });

describe('the categories', () => {
  it('stand in groups a caller would know', () => {
    expect([flood, crash, prank].map(groupOf)).toEqual(['disaster', 'accident', 'no_emergency']);
  });

  it('put calls that are no emergency last', () => {
    expect(grouped([prank, flood], '', () => '').map((one) => one.group)).toEqual(['disaster', 'no_emergency']);
  });

  it('are found by code, by agency and by the words of the chosen language', () => {
    const name = (code: string): string => (code === 'BANJIR' ? 'Flood' : '');
    const found = (query: string): string[] =>
      grouped([flood, crash, prank], query, name).flatMap((one) => one.choices.map((each) => each.code));

    expect(found('laka')).toEqual(['LAKA-LUKA']);
    expect(found('polres')).toEqual(['LAKA-LUKA']);
    expect(found('flood')).toEqual(['BANJIR']);
    expect(found('xyz')).toEqual([]);
  });
});
