// The words of the text that Pusdalops and BPBD already work with. Bahasa Indonesia in every language of the page: whoever
// receives it reads no other. What they are called there stands, spelling and all.
import type { Metric } from '../../generated/Metric';
import type { Each } from './id';

/** The heads in their order. */
export const HEADS = {
  event: 'Kejadian',
  place: 'Lokasi',
  time: 'Waktu',
  cause: 'Penyebab',
  victims: 'Korban Jiwa',
  losses: 'Kerugian Materil',
  efforts: 'Upaya',
  standing: 'Status',
  condition: 'Kondisi Mutakhir',
  needs: 'Kebutuhan Mendesak',
  source: 'Sumber',
} as const;

export const pusdalops = {
  /** Under a head of which nothing is recorded. */
  nothing: '-',
  district: (name: string) => `Kec. ${name}`,
  /** A kelurahan has a code whose last part begins with 1, a desa one with 2 (Permendagri 58/2021). */
  village: (name: string, code: string) => `${/\.1\d{3}$/.test(code) ? 'Kel.' : 'Ds.'} ${name}`,
  reported: (time: string) => `Dilaporkan ${time}`,
  assessed: (time: string) => `Kaji cepat ${time}`,
  asOf: (time: string) => `Angka per ${time}`,
  /** Values of others who had not seen the first. */
  otherwise: (values: string) => `catatan lain: ${values}`,
  households: 'KK',
  persons: 'jiwa',
  among: (groups: string) => `Di antara pengungsi: ${groups}`,
  water: (height: string) => `TMA ${height}`,
  by: (name: string, center: string) => `${name === '' ? 'Petugas' : name} / lewat Siaga ${center}`.trim(),
  toldBy: (sources: string) => `Keterangan: ${sources}`,
  /** After the number and its unit. */
  counted: {
    dead: 'meninggal dunia',
    missing: 'hilang',
    injured: 'luka ringan',
    injured_serious: 'luka berat',
    displaced_kk: 'mengungsi',
    displaced: 'mengungsi',
    affected_kk: 'terdampak',
    affected: 'terdampak',
    under_five: 'balita',
    elderly: 'lansia',
    pregnant: 'ibu hamil',
    disability: 'disabilitas',
    houses_light: 'rumah rusak ringan',
    houses_moderate: 'rumah rusak sedang',
    houses_heavy: 'rumah rusak berat',
    houses_swept_away: 'rumah hanyut',
    houses_submerged: 'rumah terendam',
    schools_damaged: 'sekolah rusak',
    health_facilities_damaged: 'fasilitas kesehatan rusak',
    worship_damaged: 'rumah ibadah rusak',
    bridges_damaged: 'jembatan rusak',
    water_cm: 'tinggi air',
    rice_field_ha: 'sawah / kebun',
  } satisfies Each<Metric>,
};
