import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { fieldEn } from './field.en';
import { fieldId } from './field.id';
import { id, type Words } from './id';

/** Every leaf of a dictionary by its path. */
function leaves(of: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(of)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [deeper, leaf] of leaves(value, here)) found.set(deeper, leaf);
    } else found.set(here, value);
  }
  return found;
}

/** The codes of a generated union, read from the file that Rust wrote. */
function codesOf(type: string): string[] {
  const source = readFileSync(new URL(`../../generated/${type}.ts`, import.meta.url), 'utf8');
  const union = source.slice(source.indexOf('export type'));
  return [...union.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
}

const CODED: readonly (readonly [string, keyof Words])[] = [
  ['Status', 'status'],
  ['Status', 'press'],
  ['KnownOutcome', 'outcome'],
  ['Category', 'category'],
  ['Category', 'categoryShort'],
  ['FailureCode', 'failure'],
  ['FailureCode', 'remedy'],
  ['NikWarning', 'nikWarning'],
  ['TriageColor', 'triage'],
  ['Compass', 'compass'],
  ['Reach', 'reach'],
  ['Metric', 'metric'],
  ['Metric', 'metricUnit'],
  ['Absent', 'absent'],
  ['Avpu', 'avpu'],
  ['RecordKind', 'recordKind'],
  ['Role', 'role'],
  ['Sex', 'sex'],
  ['AgeBand', 'ageBand'],
  ['IdentityFieldName', 'identityField'],
  ['CasualtyKind', 'casualties'],
  ['ClosureReason', 'closure'],
  ['Priority', 'priority'],
  ['Quality', 'quality'],
  ['GapCause', 'gapCause'],
];

describe.each([
  ['shared words', id, en],
  ['the phone’s sentences', fieldId, fieldEn],
])('%s', (_name, indonesian, english) => {
  it('have the same keys in both languages', () => {
    expect([...leaves(english).keys()].sort()).toEqual([...leaves(indonesian).keys()].sort());
  });

  it('are never empty, but for signs without a unit', () => {
    const empty = [...leaves(indonesian), ...leaves(english)].filter(([key, value]) => value === '' && key !== 'signUnit.avpu');

    expect(empty).toEqual([]);
  });

  it('have lists of the same length in both languages', () => {
    const other = leaves(english);
    for (const [key, value] of leaves(indonesian)) {
      if (Array.isArray(value)) expect(other.get(key), key).toHaveLength(value.length);
    }
  });
});

it.each(CODED)('every %s has a word in both languages, under %s', (type, key) => {
  const codes = codesOf(type).sort();

  expect(codes.length).toBeGreaterThan(1);
  expect(Object.keys(id[key]).sort()).toEqual(codes);
  expect(Object.keys(en[key]).sort()).toEqual(codes);
});

it('no button or label says RR or RS alone, which mean three things each', () => {
  const bare = [...leaves(id), ...leaves(fieldId)].filter(([, value]) => typeof value === 'string' && /\b(RR|RS)\b/.test(value));

  expect(bare).toEqual([]);
});
