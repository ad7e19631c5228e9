import { expect, test } from 'vitest';
import { en } from './i18n/en';
import { id } from './i18n/id';
import { remedyText, whyOf, whyText } from './verdict';

test('every reason is said in words, with what to do, in both languages', () => {
  for (const words of [id, en]) {
    for (const reason of ['incident_closed', 'center_only', 'role', 'fork', 'checksum', 'parked_too_long', 'malformed_entry']) {
      expect(whyOf(reason)).not.toBe('other');
      expect(whyText(reason, words).length).toBeGreaterThan(10);
      expect(remedyText(reason, words).length).toBeGreaterThan(10);
    }
  }
});

test('an unknown reason keeps its code', () => {
  expect(whyText('something_new', id)).toContain('something_new');
  expect(whyOf('toString')).toBe('other');
});
