import { describe, expect, it } from 'vitest';
import { damageOf, emptyForm, oddPair, parseForm, requestOf } from './assess';
import { emptyReport, parseReport, requestOf as reportOf } from './report';
import { parentOf, read, write, type Route } from './route.svelte';
import { ASKED, fits, parseTyped, signAfter } from './vitals';

const VILLAGE = { code: '61.04.14.2015', name: 'Asam Jelai', district: 'Jelai Hulu' };

describe('a rapid assessment', () => {
  it('is not sent without a village, and not when nothing was said', () => {
    expect(requestOf('i', { ...emptyForm(), note: 'air naik' })).toBeNull();
    expect(requestOf('i', { ...emptyForm(), village: VILLAGE })).toBeNull();
  });

  it('carries each number with its quality and its source', () => {
    const form = { ...emptyForm(), village: VILLAGE, source: 'Kepala desa', numbers: { displaced_kk: { value: 12, quality: 'estimate' as const } } };

    expect(requestOf('i', form)).toEqual({
      incident: 'i',
      village: VILLAGE.code,
      numbers: [{ metric: 'displaced_kk', value: 12, quality: 'estimate', source: 'Kepala desa' }],
      needs: [],
    });
  });

  it('keeps a zero: nobody is missing is something that was said', () => {
    const form = { ...emptyForm(), village: VILLAGE, numbers: { missing: { value: 0, quality: 'verified' as const } } };

    expect(requestOf('i', form)?.numbers).toHaveLength(1);
  });

  it('warns when there are more households than persons, and sends it all the same', () => {
    const form = {
      ...emptyForm(),
      village: VILLAGE,
      numbers: { displaced_kk: { value: 9, quality: 'estimate' as const }, displaced: { value: 4, quality: 'estimate' as const } },
    };

    expect(oddPair(form, 'displaced')).toBe(true);
    expect(requestOf('i', form)?.numbers).toHaveLength(2);
  });

  it('reads a kept form back, and nothing else', () => {
    const form = { ...emptyForm(), village: VILLAGE };

    expect(parseForm(JSON.parse(JSON.stringify(form)))).toEqual(form);
    expect(parseForm('x')).toBeNull();
    expect(parseForm({ village: null })).toBeNull();
  });
});

it('the worst finding decides the class of damage', () => {
  expect(damageOf({ collapsed: true, structure: false, finish: false })).toBe('heavy');
  expect(damageOf({ collapsed: false, structure: true, finish: true })).toBe('moderate');
  expect(damageOf({ collapsed: false, structure: false, finish: true })).toBe('light');
  expect(damageOf({ collapsed: false, structure: false, finish: false })).toBe('none');
});

describe('a report', () => {
  const name = (): string => 'Banjir';

  it('needs what and where, and nothing else', () => {
    expect(reportOf({ ...emptyReport(), category: 'BANJIR' }, name)).toBeNull();
    expect(reportOf({ ...emptyReport(), village: VILLAGE }, name)).toBeNull();
    expect(reportOf({ ...emptyReport(), category: 'BANJIR', village: VILLAGE }, name)).toEqual({ category: 'BANJIR', text: 'Banjir', village: VILLAGE.code });
  });

  it('is read back from its draft', () => {
    const form = { ...emptyReport(), category: 'BANJIR' as const, landmark: 'dekat masjid' };

    expect(parseReport(JSON.parse(JSON.stringify(form)))).toEqual(form);
  });
});

describe('a typed number', () => {
  it('has a comma before its decimals', () => {
    expect(parseTyped('36,5')).toBe(36.5);
    expect(parseTyped('36,')).toBeNull();
    expect(parseTyped('')).toBeNull();
  });

  it('is warned about outside what an instrument can give', () => {
    const saturation = ASKED.find((row) => row.sign === 'spo2');
    if (saturation === undefined) throw new Error('saturation is asked for');
    expect(fits(saturation, 98)).toBe(true);
    expect(fits(saturation, 980)).toBe(false);
  });

  it('leads from sign to sign, past the parts of a score', () => {
    expect(signAfter('gcs')).toBe('glucose');
    expect(signAfter('pain')).toBeNull();
  });
});

describe('an address', () => {
  const routes: Route[] = [
    { name: 'tasks' },
    { name: 'task', task: 't' },
    { name: 'patient', patient: 'p', task: 't' },
    { name: 'new_patient', incident: 'i', task: 't' },
    { name: 'assess', incident: 'i', task: '' },
    { name: 'assessment', assessment: 'a', task: 't' },
    { name: 'map' },
    { name: 'outbox' },
  ];

  it.each(routes)('brings back where the page was: $name', (route) => {
    expect(read(write(route))).toEqual(route);
  });

  it('leads a patient back to the task', () => {
    expect(parentOf({ name: 'patient', patient: 'p', task: 't' })).toEqual({ name: 'task', task: 't' });
  });
});
