import { describe, expect, it } from 'vitest';
import type { Metric } from '../../generated/Metric';
import type { ObservedView } from '../../generated/ObservedView';
import { isPaired, sections } from './numbers';

function seen(metric: Metric, value: number): ObservedView {
  const author = { entry: metric, by: 'Budi', at_device_ms: 0, at_ms: 0 };
  return { metric, count: { value, author, disputed_by: [] }, quality: 'estimate', source: null, bnpb: null };
}

describe('the numbers of a rapid assessment', () => {
  it('keep households and persons on one line', () => {
    const [people] = sections([seen('displaced', 488), seen('displaced_kk', 112)]);

    expect(people?.lines).toHaveLength(1);
    expect(people?.lines[0]?.households?.count.value).toBe(112);
    expect(people?.lines[0]?.number?.count.value).toBe(488);
  });

  it('show the line when only one of the two was counted', () => {
    const [people] = sections([seen('affected_kk', 40)]);

    expect(people?.lines[0]).toMatchObject({ metric: 'affected', number: null });
    expect(isPaired('affected')).toBe(true);
  });

  it('leave out sections in which nothing was counted', () => {
    expect(sections([seen('water_cm', 150)]).map((one) => one.section)).toEqual(['other']);
  });
});
