import { expect, it } from 'vitest';
import type { TaskBrief } from '../generated/TaskBrief';
import type { Whereabouts } from '../generated/Whereabouts';
import { en } from '../lib/i18n/en';
import { fieldEn } from '../lib/i18n/field.en';
import { fieldId } from '../lib/i18n/field.id';
import { id } from '../lib/i18n/id';
import { taskText } from './share';

const NOWHERE: Whereabouts = { village: null, landmark: null, position: null, distance_m: 900, distance_approximate: false, compass: 'n', from_fix_at_ms: 1 };
const VILLAGE = { code: '61.04.14.2015', name: 'Asam Jelai', district: 'Jelai Hulu' };

function task(where: Partial<Whereabouts>, part: Partial<TaskBrief> = {}): TaskBrief {
  return {
    id: 'task',
    incident: '0193-incident',
    unit: 'AMB-01',
    category: 'BANJIR',
    priority: '1',
    whereabouts: { ...NOWHERE, ...where },
    narrative: 'Siti Aminah, 081234567890, hamil',
    ordered_at_ms: 1,
    ordered_by: 'Pak Dispatcher',
    status: null,
    status_at_ms: null,
    next: null,
    open: true,
    overdue: false,
    cancelled: 'salah alamat Siti Aminah',
    patient_count: 1,
    assessment_count: 0,
    disputed: false,
    delivery: null,
    ...part,
  };
}

it('a task says what, where and which incident, and nothing of any person', () => {
  const where = { village: VILLAGE, landmark: 'dekat masjid', position: { lat: -2.1543, lon: 110.8712, accuracy_m: 8 } };

  expect(taskText(task(where), id, fieldId)).toBe(
    `Banjir
dekat masjid
Asam Jelai, Jelai Hulu
-2.15430, 110.87120
https://maps.google.com/?q=-2.15430,110.87120
No. kejadian: 0193-incident`,
  );
  expect(taskText(task(where), en, fieldEn)).toContain('Flood\n');
});

it('a task without a point has no address of a map, and one without any place says so', () => {
  expect(taskText(task({ village: VILLAGE }), id, fieldId)).toBe('Banjir\nAsam Jelai, Jelai Hulu\nNo. kejadian: 0193-incident');
  expect(taskText(task({}, { category: null }), id, fieldId)).toBe('Kejadian\nLokasi belum diketahui\nNo. kejadian: 0193-incident');
});
