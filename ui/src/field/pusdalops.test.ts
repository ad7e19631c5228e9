import { describe, expect, it } from 'vitest';
import type { Assessment } from '../generated/Assessment';
import type { AssessmentScreen } from '../generated/AssessmentScreen';
import type { Authorship } from '../generated/Authorship';
import type { Metric } from '../generated/Metric';
import type { ObservedView } from '../generated/ObservedView';
import type { Quality } from '../generated/Quality';
import type { Task } from '../generated/Task';
import { fieldEn } from '../lib/i18n/field.en';
import { HEADS } from '../lib/i18n/pusdalops';
import { pusdalopsText } from './pusdalops';

const OPENED_MS = Date.UTC(2022, 9, 16, 7, 5);
const ASSESSED_MS = Date.UTC(2022, 9, 16, 9, 30);
const VILLAGE = { code: '61.04.14.2015', name: 'Asam Jelai', district: 'Jelai Hulu' };
/** What is typed about people, wherever a record has room for it. */
const NAMES = ['Siti Aminah', 'Pak Rahmat', '081234567890', 'Joko'];

function written(atMs: number, by = 'Ani Lestari'): Authorship {
  return { entry: `${atMs}`, by, at_device_ms: atMs, at_ms: atMs };
}

function observed(metric: Metric, value: number, quality: Quality = 'estimate', more: { source?: string; others?: number[] } = {}): ObservedView {
  const disputed_by = (more.others ?? []).map((other) => ({ value: other, author: written(ASSESSED_MS) }));
  return { metric, count: { value, author: written(ASSESSED_MS), disputed_by }, quality, source: more.source ?? null, bnpb: null };
}

function screen(part: Partial<Assessment> = {}, by = 'Ani Lestari'): AssessmentScreen {
  const assessment: Assessment = { id: 'k', incident: 'i', village: VILLAGE.code, opened: written(ASSESSED_MS), numbers: [], needs: [], notes: [], disputes: [], struck: [], ...part };
  return { brief: { id: 'k', village: VILLAGE, at_ms: ASSESSED_MS, by, disputed: false, delivery: null }, assessment, entry_delivery: [], files: [] };
}

function task(): Task {
  const note = (text: string) => ({ author: written(OPENED_MS), text, attachment: null, media: null, thumbnail: null, size_bytes: null });
  return {
    brief: {
      id: 't',
      incident: 'i',
      unit: 'BPBD-01',
      category: 'BANJIR',
      priority: '1',
      whereabouts: { village: VILLAGE, landmark: 'dekat masjid', position: { lat: -2.1543, lon: 110.8712, accuracy_m: null }, distance_m: null, distance_approximate: false, compass: null, from_fix_at_ms: null },
      narrative: 'Joko terjebak',
      ordered_at_ms: OPENED_MS,
      ordered_by: 'Dispatcher',
      status: 'onscene',
      status_at_ms: ASSESSED_MS,
      next: null,
      open: true,
      overdue: false,
      cancelled: null,
      patient_count: 1,
      assessment_count: 1,
      disputed: false,
      delivery: null,
    },
    incident: {
      id: 'i',
      opened: written(OPENED_MS, 'Pak Rahmat'),
      source: 'call',
      narrative: 'Joko terjebak',
      caller_name: 'Pak Rahmat',
      caller_phone: '081234567890',
      reporting_unit: null,
      category: null,
      priority: '1',
      place: null,
      casualties: [],
      hazards: [],
      notes: [note('Siti Aminah di atap')],
      closed: null,
      disputes: [],
      struck: [],
      addenda: [],
    },
    steps: [],
    patients: [],
    assessments: [],
    other_units: [
      { unit: 'AMB-01', status: 'enroute', at_ms: OPENED_MS },
      { unit: 'BPBD-03', status: 'declined', at_ms: OPENED_MS },
      { unit: 'BPBD-04', status: null, at_ms: null },
    ],
    note_delivery: [],
    files: [],
    dispatcher_text: 'telepon 081234567890',
  };
}

/** The lines under a head, without it. */
function under(text: string, head: keyof typeof HEADS): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(HEADS[head]));
  const own = lines.slice(from + 1).findIndex((line) => !line.startsWith(' '));
  const until = own < 0 ? lines.length : from + 1 + own;
  return lines.slice(from, until).map((line, at) => (at === 0 ? line.slice(line.indexOf(': ') + 2) : line.trim()));
}

describe('an assessment as text', () => {
  it('reads as Pusdalops writes it', () => {
    const numbers = [
      observed('displaced_kk', 112),
      observed('displaced', 488),
      observed('dead', 4, 'verified'),
      observed('houses_submerged', 3941, 'verified', { source: 'Kepala desa' }),
      observed('bridges_damaged', 1, 'verified'),
      observed('water_cm', 150),
      observed('rice_field_ha', 1.5),
    ];
    const needs = [{ author: written(ASSESSED_MS), text: 'Perahu karet', quantity: 2, unit: 'unit' }];

    expect(pusdalopsText(screen({ numbers, needs }), task(), 'Pusat 112 Ketapang')).toBe(
      `Kejadian      : BANJIR
Lokasi        : Kec. Jelai Hulu
                Ds. Asam Jelai
                dekat masjid
                -2.15430, 110.87120
Waktu         : • Dilaporkan 16 Oktober 2022, 14.05 WIB
                • Kaji cepat 16 Oktober 2022, 16.30 WIB
Penyebab      : -
Korban Jiwa   : • 4 jiwa meninggal dunia (dicek)
                • 112 KK / 488 jiwa mengungsi (perkiraan)
Kerugian Materil : • 3.941 unit rumah terendam (dicek)
                • 1 unit jembatan rusak (dicek)
                • 1,5 ha sawah / kebun (perkiraan)
                • TMA 150 cm (perkiraan)
Upaya         : • BPBD-01: Tiba di lokasi, 16 Oktober 2022, 16.30 WIB
                • AMB-01: Menuju lokasi, 16 Oktober 2022, 14.05 WIB
Status        : -
Kondisi Mutakhir : • Angka per 16 Oktober 2022, 16.30 WIB
Kebutuhan Mendesak : • Perahu karet 2 unit
Sumber        : • Ani Lestari / lewat Siaga Pusat 112 Ketapang
                • Keterangan: Kepala desa`,
    );
  });

  it('has every head and a dash where nothing is recorded', () => {
    const text = pusdalopsText(screen(), null, '');

    expect(text.split('\n').filter((line) => !line.startsWith(' ')).map((line) => line.split(':')[0]?.trim())).toEqual(Object.values(HEADS));
    for (const head of ['event', 'cause', 'victims', 'losses', 'efforts', 'standing', 'condition', 'needs'] as const) expect(under(text, head), head).toEqual(['-']);
    expect(under(text, 'place')).toEqual(['Kec. Jelai Hulu', 'Ds. Asam Jelai']);
  });

  it('tells nobody’s name or number and no typed note', () => {
    const notes = [{ author: written(ASSESSED_MS), text: 'Siti Aminah meninggal', attachment: null, media: null, thumbnail: null, size_bytes: null }];
    const numbers = [observed('dead', 1, 'verified', { source: 'Pak Rahmat' })];

    const text = pusdalopsText(screen({ notes, numbers }), task(), 'Pusat 112');

    expect(under(text, 'victims')).toEqual(['• 1 jiwa meninggal dunia (dicek)']);
    expect(NAMES.filter((name) => text.includes(name))).toEqual([]);
  });

  it('keeps households and persons together, and each with its own quality', () => {
    const both = [observed('affected_kk', 777, 'verified'), observed('affected', 3560)];

    expect(under(pusdalopsText(screen({ numbers: both }), null, ''), 'victims')).toEqual(['• 777 KK / 3.560 jiwa terdampak (KK dicek, jiwa perkiraan)']);
    expect(under(pusdalopsText(screen({ numbers: both.slice(0, 1) }), null, ''), 'victims')).toEqual(['• 777 KK / - jiwa terdampak (dicek)']);
  });

  it('names the groups among the displaced, a zero that was said, and what others counted', () => {
    const numbers = [observed('missing', 0, 'verified'), observed('displaced', 197, 'estimate', { others: [190, 190, 205] }), observed('under_five', 12), observed('pregnant', 3, 'verified')];

    expect(under(pusdalopsText(screen({ numbers }), null, ''), 'victims')).toEqual([
      '• 0 jiwa hilang (dicek)',
      '• - KK / 197 jiwa (catatan lain: 190, 205) mengungsi (perkiraan)',
      '• Di antara pengungsi: 12 balita (perkiraan), 3 ibu hamil (dicek)',
    ]);
  });

  it('says in Bahasa what was chosen from the lists of a page in English', () => {
    const needs = fieldEn.assess.needsList.slice(0, 1).map((text) => ({ author: written(ASSESSED_MS), text, quantity: null, unit: null }));
    const numbers = [observed('dead', 1, 'estimate', { source: fieldEn.assess.sources.resident })];

    const text = pusdalopsText(screen({ needs, numbers }, ''), null, 'Pusat 112');

    expect(under(text, 'needs')).toEqual(['• Perahu karet']);
    expect(under(text, 'source')).toEqual(['• Petugas / lewat Siaga Pusat 112', '• Keterangan: Warga']);
  });

  it('leaves out the landmark and the point of an incident in another village, and tells a kelurahan from a desa', () => {
    const elsewhere = screen();
    elsewhere.brief.village = { code: '61.04.11.1009', name: 'Sampit', district: 'Delta Pawan' };

    expect(under(pusdalopsText(elsewhere, task(), ''), 'place')).toEqual(['Kec. Delta Pawan', 'Kel. Sampit']);
  });
});
