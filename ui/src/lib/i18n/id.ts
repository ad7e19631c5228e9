// The words both pages share, Bahasa Indonesia: what crews say, from the project's glossary.
// `Words` is this file's shape; another language that misses one of its keys does not compile.
import type { KnownOutcome } from '../../generated/KnownOutcome';
import type { Absent } from '../../generated/Absent';
import type { AgeBand } from '../../generated/AgeBand';
import type { Avpu } from '../../generated/Avpu';
import type { CasualtyKind } from '../../generated/CasualtyKind';
import type { Category } from '../../generated/Category';
import type { ClosureReason } from '../../generated/ClosureReason';
import type { Compass } from '../../generated/Compass';
import type { FailureCode } from '../../generated/FailureCode';
import type { GapCause } from '../../generated/GapCause';
import type { IdentityFieldName } from '../../generated/IdentityFieldName';
import type { Metric } from '../../generated/Metric';
import type { NikWarning } from '../../generated/NikWarning';
import type { Priority } from '../../generated/Priority';
import type { Quality } from '../../generated/Quality';
import type { Reach } from '../../generated/Reach';
import type { RecordKind } from '../../generated/RecordKind';
import type { Role } from '../../generated/Role';
import type { Sex } from '../../generated/Sex';
import type { Sign as NumberSign } from '../../generated/Sign';
import type { Source } from '../../generated/Source';
import type { Status } from '../../generated/Status';
import type { TriageColor } from '../../generated/TriageColor';
import type { TriageMethod } from '../../generated/TriageMethod';
import type { UnitKind } from '../../generated/UnitKind';
import type { Delivery } from '../../generated/Delivery';
import type { Why } from '../verdict';

/** One word for each value of a code list. */
export type Each<Code extends string> = { [key in Code]: string };

export interface Words {
  language: string;
  status: Each<Status>;
  /** What the large button says: the deed, in capitals of its own. */
  press: Each<Status>;
  ageYears: (n: string) => string;
  ageMonths: (n: string) => string;
  ageDays: (n: string) => string;
  /** What came of an order. */
  outcome: Each<KnownOutcome>;
  category: Each<Category>;
  /** Short enough for a tile. */
  categoryShort: Each<Category>;
  priority: Each<Priority>;
  triage: Each<TriageColor>;
  /** The letter on the mark: M K H X. */
  triageLetter: Each<TriageColor>;
  /** What the colour asks for. */
  triageMeaning: Each<TriageColor>;
  triageMethod: Each<TriageMethod>;
  compass: Each<Compass>;
  delivery: Each<Delivery['state'] | 'unknown'>;
  /** Why 112 did not take something, and what to do about it. */
  why: Each<Why>;
  whyRemedy: Each<Why>;
  /** Before the reason of something 112 did not let stand. */
  notTaken: string;
  reach: Each<Reach>;
  role: Each<Role>;
  recordKind: Each<RecordKind>;
  /** Kinds of entries, as they stand in the outbox and in timelines. */
  entryKind: Each<EntryKind>;
  metric: Each<Metric>;
  metricUnit: Each<Metric>;
  quality: Each<Quality>;
  sex: Each<Sex>;
  ageBand: Each<AgeBand>;
  absent: Each<Absent>;
  avpu: Each<Avpu>;
  sign: Each<Sign>;
  signUnit: Each<Sign>;
  casualties: Each<CasualtyKind>;
  closure: Each<ClosureReason>;
  source: Each<Source>;
  unitKind: Each<UnitKind>;
  identityField: Each<IdentityFieldName>;
  nikWarning: Each<NikWarning>;
  failure: Each<FailureCode>;
  /** What to do about a failure. */
  remedy: Each<FailureCode>;
  field: Each<DisputedField>;
  /** When tracking stood still, and why. */
  gap: (from: string, until: string) => string;
  gapCause: Each<GapCause>;
  ago: {
    justNow: string;
    minutes: (n: string) => string;
    hours: (n: string) => string;
    days: (n: string) => string;
    stale: (what: string, age: string) => string;
    /** The clock that stamped it was wrong. */
    wrongClock: string;
    /** The same, with the age of its receipt. */
    wrongClockReceived: (age: string) => string;
  };
  common: {
    close: string;
    back: string;
    cancel: string;
    save: string;
    undo: string;
    undone: string;
    saved: string;
    search: string;
    none: string;
    unknown: string;
    optional: string;
    reason: string;
    dispute: string;
    waiting: string;
    by: (name: string) => string;
    nobody: string;
    more: string;
    less: string;
    clear: string;
    loading: string;
    retry: string;
    wib: string;
    households: string;
    persons: string;
  };
}

/** Entry kinds as `domain` names them. */
export type EntryKind =
  | 'strike'
  | 'overruled'
  | 'numbered'
  | 'note'
  | 'opened'
  | 'category'
  | 'priority'
  | 'place'
  | 'casualties'
  | 'hazard'
  | 'closed'
  | 'reopened'
  | 'order'
  | 'status'
  | 'cancelled'
  | 'escalated'
  | 'destination'
  | 'patient'
  | 'triage'
  | 'complaint'
  | 'vitals'
  | 'treatment'
  | 'handover'
  | 'identity'
  | 'field'
  | 'assessment'
  | 'observed'
  | 'need'
  | 'raised'
  | 'answered'
  | 'sos_cancelled'
  | 'safe'
  | 'planned'
  | 'person'
  | 'checkin'
  | 'checkout'
  | 'agency'
  | 'post'
  | 'unit'
  | 'facility'
  | 'district'
  | 'threshold';

/** The signs of a set of vitals: numbers, and the level of responsiveness. */
export type Sign = NumberSign | 'avpu';

/** Single values people may disagree about, beside the metrics and the identity fields. */
export type DisputedField = 'triage' | 'complaint' | 'category' | 'place' | 'destination' | 'priority';

export const id: Words = {
  language: 'Bahasa Indonesia',
  status: {
    seen: 'Dilihat',
    accepted: 'Diterima',
    declined: 'Tidak bisa',
    enroute: 'Menuju lokasi',
    staging: 'Di titik kumpul',
    delayed: 'Terhambat',
    onscene: 'Tiba di lokasi',
    patient: 'Bertemu pasien',
    departed: 'Menuju RSUD / faskes',
    destination: 'Tiba di RSUD / faskes',
    handover: 'Serah terima',
    available: 'Siap tugas lagi',
  },
  press: {
    seen: 'Dilihat',
    accepted: 'Terima',
    declined: 'Tidak bisa',
    enroute: 'Berangkat',
    staging: 'Di titik kumpul',
    delayed: 'Terhambat',
    onscene: 'Tiba di lokasi',
    patient: 'Bertemu pasien',
    departed: 'Bawa ke RSUD / faskes',
    destination: 'Tiba di RSUD / faskes',
    handover: 'Serah terima',
    available: 'Siap tugas lagi',
  },
  ageYears: (n) => `${n} tahun`,
  ageMonths: (n) => `${n} bulan`,
  ageDays: (n) => `${n} hari`,
  outcome: {
    nothing_found: 'Tidak ada apa-apa di lokasi',
    false_report: 'Laporan palsu',
    refused: 'Pasien menolak',
    dead: 'Meninggal di lokasi',
    called_off: 'Batal di jalan',
  },
  category: {
    MED: 'Darurat medis',
    'MED-LAHIR': 'Persalinan darurat',
    'MED-JANTUNG': 'Nyeri dada / henti jantung',
    'MED-GIGIT': 'Gigitan ular, buaya, anjing',
    JENAZAH: 'Mobil jenazah',
    'LAKA-LUKA': 'Kecelakaan, ada korban',
    LAKA: 'Kecelakaan, tanpa korban',
    'LAKA-AIR': 'Kecelakaan air, kapal, speedboat',
    TENGGELAM: 'Orang tenggelam',
    SAR: 'Orang hilang, pencarian',
    'BAKAR-BGN': 'Kebakaran bangunan',
    KARHUTLA: 'Kebakaran hutan dan lahan',
    'BAKAR-KEND': 'Kebakaran kendaraan atau kapal',
    BANJIR: 'Banjir',
    LONGSOR: 'Tanah longsor',
    ANGIN: 'Puting beliung, angin kencang',
    ROB: 'Gelombang pasang, abrasi',
    KERING: 'Kekeringan, air bersih',
    GEMPA: 'Gempa bumi',
    POHON: 'Pohon tumbang',
    'BGN-RUNTUH': 'Bangunan runtuh',
    JEMBATAN: 'Jembatan putus atau rusak',
    LISTRIK: 'Kabel listrik putus, korsleting',
    KAMTIBMAS: 'Gangguan keamanan',
    KRIMINAL: 'Tindak kriminal',
    RUSUH: 'Kerusuhan',
    KDRT: 'KDRT, kekerasan anak',
    BUNDIR: 'Percobaan bunuh diri',
    ODGJ: 'Evakuasi ODGJ',
    TERLANTAR: 'Orang terlantar',
    HEWAN: 'Hewan liar atau berbahaya',
    B3: 'Tumpahan bahan berbahaya',
    LEDAK: 'Ledakan, benda diduga peledak',
    'KORBAN-MASSAL': 'Korban massal',
    PETUGAS: 'Petugas minta bantuan',
    FASUM: 'Pengaduan fasilitas umum',
    INFO: 'Panggilan informasi',
    PRANK: 'Iseng (prank)',
    GHOST: 'Panggilan tanpa suara',
  },
  categoryShort: {
    MED: 'Medis',
    'MED-LAHIR': 'Persalinan',
    'MED-JANTUNG': 'Jantung',
    'MED-GIGIT': 'Gigitan',
    JENAZAH: 'Jenazah',
    'LAKA-LUKA': 'Kecelakaan',
    LAKA: 'Kecelakaan ringan',
    'LAKA-AIR': 'Kecelakaan air',
    TENGGELAM: 'Tenggelam',
    SAR: 'Orang hilang',
    'BAKAR-BGN': 'Kebakaran',
    KARHUTLA: 'Karhutla',
    'BAKAR-KEND': 'Kebakaran kendaraan',
    BANJIR: 'Banjir',
    LONGSOR: 'Longsor',
    ANGIN: 'Angin kencang',
    ROB: 'Gelombang pasang',
    KERING: 'Kekeringan',
    GEMPA: 'Gempa',
    POHON: 'Pohon tumbang',
    'BGN-RUNTUH': 'Bangunan runtuh',
    JEMBATAN: 'Jembatan putus',
    LISTRIK: 'Listrik',
    KAMTIBMAS: 'Keamanan',
    KRIMINAL: 'Kriminal',
    RUSUH: 'Kerusuhan',
    KDRT: 'KDRT',
    BUNDIR: 'Bunuh diri',
    ODGJ: 'ODGJ',
    TERLANTAR: 'Orang terlantar',
    HEWAN: 'Hewan berbahaya',
    B3: 'Bahan berbahaya',
    LEDAK: 'Ledakan',
    'KORBAN-MASSAL': 'Korban massal',
    PETUGAS: 'Petugas',
    FASUM: 'Fasilitas umum',
    INFO: 'Informasi',
    PRANK: 'Iseng',
    GHOST: 'Tanpa suara',
  },
  priority: { '1': 'Prioritas 1', '2': 'Prioritas 2', '3': 'Prioritas 3' },
  triage: { red: 'Merah', yellow: 'Kuning', green: 'Hijau', black: 'Hitam' },
  triageLetter: { red: 'M', yellow: 'K', green: 'H', black: 'X' },
  triageMeaning: {
    red: 'gawat, segera',
    yellow: 'berat, bisa menunggu',
    green: 'ringan, bisa jalan',
    black: 'meninggal',
  },
  triageMethod: { start: 'START', jumpstart: 'JumpSTART', judgement: 'penilaian sendiri' },
  compass: { n: 'U', ne: 'TL', e: 'T', se: 'TG', s: 'S', sw: 'BD', w: 'B', nw: 'BL' },
  delivery: {
    saved: 'tersimpan di HP',
    sent: 'terkirim',
    kept: 'menunggu 112 diperbarui',
    parked: 'di 112, menunggu data sebelumnya atau giliran masuk',
    received: 'diterima 112',
    refused: 'tidak diterima 112',
    unknown: 'belum diketahui',
  },
  why: {
    closed: 'kejadian sudah ditutup',
    archived: 'kejadian sudah diarsipkan',
    center_only: 'hanya pusat 112 yang boleh mengisi ini',
    role: 'catatan ini bukan untuk peran petugas ini',
    unknown_field: 'pusat tidak mengenal isian ini',
    scope: 'catatan ini bukan tugas unit ini',
    company: 'data sebelumnya tidak diterima',
    waits: 'data sebelumnya belum datang',
    quota: 'HP ini mengirim terlalu banyak sekaligus',
    too_long: 'data sebelumnya tidak datang selama 72 jam',
    too_many: 'terlalu banyak data yang menunggu di pusat',
    copied: 'HP ini pernah dipulihkan atau disalin',
    damaged: 'data rusak di jalan atau di HP',
    content: 'isiannya tidak bisa dibaca pusat',
    update: 'aplikasi ini tidak cocok dengan pusat',
    other: 'pusat menolak',
  },
  whyRemedy: {
    closed: 'Bila masih ada yang perlu dikerjakan, hubungi pusat 112.',
    archived: 'Tulisan Anda disimpan pusat sebagai tambahan.',
    center_only: 'Sampaikan ke pusat 112; mereka yang mengisinya.',
    role: 'Minta petugas yang berwenang mencatatnya.',
    unknown_field: 'Perbarui aplikasi, lalu catat ulang.',
    scope: 'Hubungi pusat 112 bila ini memang tugas Anda.',
    company: 'Tidak perlu apa-apa: ditulis ulang dan dikirim lagi sendiri.',
    waits: 'Tidak perlu apa-apa: masuk sendiri begitu data itu datang.',
    quota: 'Tidak perlu apa-apa: tersimpan di pusat dan masuk sendiri.',
    too_long: 'Tidak perlu apa-apa: ditulis ulang dan dikirim lagi sendiri.',
    too_many: 'Tidak perlu apa-apa: ditulis ulang dan dikirim lagi sendiri.',
    copied: 'Tidak perlu apa-apa: ditulis ulang dan dikirim lagi sendiri.',
    damaged: 'Periksa catatannya. Bila ada yang hilang, catat ulang.',
    content: 'Catat ulang dengan kata lain. Yang lama tetap tersimpan.',
    update: 'Perbarui aplikasi, lalu catat ulang. Yang lama tetap tersimpan.',
    other: 'Hubungi pusat 112 dan sebutkan kode ini.',
  },
  notTaken: 'tidak diterima',
  reach: {
    unknown: 'Belum mencoba',
    reached: 'Tersambung',
    no_signal: 'Tidak ada sinyal',
    not_our_center: 'Bukan pusat 112 kita',
    revoked: 'Akses HP ini ditutup pusat',
    update_needed: 'Aplikasi perlu diperbarui',
    clock_wrong: 'Jam HP salah',
  },
  role: {
    medic: 'Petugas ambulans',
    volunteer: 'Petugas / relawan BPBD',
    village: 'Perangkat desa',
    supervisor: 'Supervisor pos',
  },
  recordKind: {
    incident: 'Kejadian',
    assignment: 'Tugas',
    patient: 'Pasien',
    identity: 'Identitas pasien',
    assessment: 'Kaji cepat',
    sos: 'SOS',
    shift: 'Piket',
    directory: 'Daftar pos dan unit',
  },
  entryKind: {
    strike: 'dicoret',
    overruled: 'tidak diterima',
    numbered: 'nomor pasien',
    note: 'catatan',
    opened: 'laporan',
    category: 'jenis kejadian',
    priority: 'prioritas',
    place: 'lokasi',
    casualties: 'korban',
    hazard: 'bahaya',
    closed: 'ditutup',
    reopened: 'dibuka lagi',
    order: 'penugasan',
    status: 'status',
    cancelled: 'dibatalkan',
    escalated: 'eskalasi',
    destination: 'tujuan',
    patient: 'pasien baru',
    triage: 'triase',
    complaint: 'keluhan utama',
    vitals: 'tanda vital',
    treatment: 'tindakan',
    handover: 'serah terima',
    identity: 'identitas',
    field: 'data diri',
    assessment: 'kaji cepat baru',
    observed: 'angka',
    need: 'kebutuhan',
    raised: 'SOS',
    answered: 'jawaban',
    sos_cancelled: 'SOS dibatalkan',
    safe: 'Petugas aman',
    planned: 'jadwal',
    person: 'petugas',
    checkin: 'naik piket',
    checkout: 'lepas piket',
    agency: 'OPD',
    post: 'pos',
    unit: 'unit',
    facility: 'faskes',
    district: 'kecamatan',
    threshold: 'batas waktu',
  },
  metric: {
    dead: 'Meninggal',
    missing: 'Hilang',
    injured: 'Luka ringan',
    injured_serious: 'Luka berat',
    displaced_kk: 'Mengungsi (KK)',
    displaced: 'Mengungsi (jiwa)',
    affected_kk: 'Terdampak (KK)',
    affected: 'Terdampak (jiwa)',
    under_five: 'Balita',
    elderly: 'Lansia',
    pregnant: 'Ibu hamil',
    disability: 'Disabilitas',
    houses_light: 'Rumah rusak ringan',
    houses_moderate: 'Rumah rusak sedang',
    houses_heavy: 'Rumah rusak berat',
    houses_swept_away: 'Rumah hanyut',
    houses_submerged: 'Rumah terendam',
    schools_damaged: 'Sekolah rusak',
    health_facilities_damaged: 'Faskes rusak',
    worship_damaged: 'Rumah ibadah rusak',
    bridges_damaged: 'Jembatan rusak',
    water_cm: 'Tinggi air',
    rice_field_ha: 'Sawah / kebun',
  },
  metricUnit: {
    dead: 'jiwa',
    missing: 'jiwa',
    injured: 'jiwa',
    injured_serious: 'jiwa',
    displaced_kk: 'KK',
    displaced: 'jiwa',
    affected_kk: 'KK',
    affected: 'jiwa',
    under_five: 'jiwa',
    elderly: 'jiwa',
    pregnant: 'jiwa',
    disability: 'jiwa',
    houses_light: 'unit',
    houses_moderate: 'unit',
    houses_heavy: 'unit',
    houses_swept_away: 'unit',
    houses_submerged: 'unit',
    schools_damaged: 'unit',
    health_facilities_damaged: 'unit',
    worship_damaged: 'unit',
    bridges_damaged: 'unit',
    water_cm: 'cm',
    rice_field_ha: 'ha',
  },
  quality: { estimate: 'perkiraan', verified: 'dicek' },
  sex: {
    L: 'Laki-laki',
    P: 'Perempuan',
    unknown: 'Tidak diketahui',
    undetermined: 'Tidak dapat ditentukan',
    refused: 'Tidak mau menyebut',
  },
  ageBand: {
    '0-5': '0–5 tahun',
    '6-11': '6–11 tahun',
    '12-17': '12–17 tahun',
    '18-40': '18–40 tahun',
    '41-65': '41–65 tahun',
    '65+': 'di atas 65 tahun',
  },
  absent: {
    not_taken: 'tidak diukur',
    refused: 'pasien menolak',
    unable: 'tidak bisa diukur',
    unknown: 'tidak tahu',
  },
  avpu: { A: 'Sadar', V: 'Respon suara', P: 'Respon nyeri', U: 'Tidak respon' },
  sign: {
    hr: 'Nadi',
    rr: 'Pernapasan',
    sbp: 'Tekanan darah atas',
    dbp: 'Tekanan darah bawah',
    spo2: 'Saturasi oksigen',
    temp: 'Suhu',
    glucose: 'Gula darah',
    gcs: 'GCS',
    gcs_eye: 'GCS mata',
    gcs_verbal: 'GCS suara',
    gcs_motor: 'GCS gerak',
    pain: 'Skala nyeri',
    avpu: 'Kesadaran',
  },
  signUnit: {
    hr: 'x/menit',
    rr: 'x/menit',
    sbp: 'mmHg',
    dbp: 'mmHg',
    spo2: '%',
    temp: '°C',
    glucose: 'mg/dL',
    gcs: '3–15',
    gcs_eye: '1–4',
    gcs_verbal: '1–5',
    gcs_motor: '1–6',
    pain: '0–10',
    avpu: '',
  },
  casualties: { dead: 'Meninggal', missing: 'Hilang', injured: 'Luka', trapped: 'Terjebak' },
  closure: {
    done: 'Selesai ditangani',
    false_report: 'Laporan tidak benar',
    duplicate: 'Laporan ganda',
    nothing_found: 'Tidak ditemukan apa-apa',
    cancelled: 'Dibatalkan',
    forwarded: 'Diteruskan ke OPD lain',
  },
  source: { call: 'Telepon 112', field: 'Laporan petugas', system: 'Sistem lain' },
  unitKind: {
    ambulance: 'Ambulans',
    boat: 'Perahu',
    team: 'Regu',
    village: 'Perangkat desa',
    fire_engine: 'Mobil pemadam',
    patrol: 'Patroli',
  },
  identityField: {
    name: 'Nama',
    nik: 'NIK',
    address: 'Alamat',
    phone: 'Nomor HP',
    birth_date: 'Tanggal lahir',
    companion: 'Pengantar pasien',
  },
  nikWarning: {
    nik_length: 'NIK bukan 16 angka',
    nik_day: 'Tanggal lahir di NIK tidak mungkin',
    nik_month: 'Bulan lahir di NIK tidak mungkin',
    nik_serial: 'Empat angka akhir NIK nol semua',
    nik_sex: 'NIK tidak cocok dengan jenis kelamin',
    nik_age: 'NIK tidak cocok dengan umur',
  },
  failure: {
    bad_input: 'Ada isian yang belum benar',
    not_found: 'Data ini tidak ada di HP',
    not_enrolled: 'HP ini belum terdaftar',
    not_permitted: 'Peran HP ini tidak boleh melakukannya',
    moved_on: 'Tugas sudah berubah sejak tombol ini tampil',
    post_would_be_empty: 'Pos akan kosong',
    center_not_reached: 'Tersimpan di HP, pusat belum terhubung',
    unsent: 'Masih ada yang belum terkirim ke pusat lama',
    refused_by_center: 'Pusat tidak menerima',
    storage_full: 'Memori HP penuh',
    storage: 'Penyimpanan HP tidak terbaca',
    update_needed: 'Aplikasi perlu diperbarui',
    internal: 'Ada kesalahan di aplikasi',
  },
  remedy: {
    bad_input: 'Periksa isian, lalu coba lagi.',
    not_found: 'Kembali ke daftar, lalu buka lagi.',
    not_enrolled: 'Minta tautan undangan dari pusat 112.',
    not_permitted: 'Minta supervisor atau pusat 112.',
    moved_on: 'Lihat statusnya, lalu tekan yang dimaksud',
    post_would_be_empty: 'Tulis alasannya, atau tunggu pengganti naik piket.',
    center_not_reached: 'Tidak perlu apa-apa. Dikirim sendiri begitu ada sinyal.',
    unsent: 'Kirim dulu sekarang, atau simpan terpisah: tetap di HP ini, terkunci, dan terkirim bila HP ini kembali ke pusat lama.',
    refused_by_center: 'Hubungi pusat 112.',
    storage_full: 'Hapus foto atau video lain di HP. Yang sudah tersimpan tidak hilang.',
    storage: 'Tutup aplikasi lalu buka lagi. Bila tetap, hubungi pusat 112.',
    update_needed: 'Pasang versi terbaru. Data tetap tersimpan.',
    internal: 'Coba lagi. Bila tetap, hubungi pusat 112.',
  },
  field: {
    triage: 'Triase',
    complaint: 'Keluhan utama',
    category: 'Jenis kejadian',
    place: 'Lokasi',
    destination: 'Tujuan',
    priority: 'Prioritas',
  },
  gap: (from, until) => `berhenti ${from} sampai ${until}`,
  gapCause: {
    restarted: 'HP mati atau dinyalakan ulang',
    ended: 'layanan Siaga dihentikan oleh HP',
    held_back: 'HP menahan layanan Siaga',
    location_off: 'lokasi dimatikan atau izinnya dicabut',
  },
  ago: {
    justNow: 'baru saja',
    minutes: (n) => `${n} mnt lalu`,
    hours: (n) => `${n} jam lalu`,
    days: (n) => `${n} hari lalu`,
    stale: (what, age) => `${what} lama, ${age}`,
    wrongClock: 'jam salah',
    wrongClockReceived: (age) => `jam salah, diterima ${age}`,
  },
  common: {
    close: 'Tutup',
    back: 'Kembali',
    cancel: 'Batal',
    save: 'Simpan',
    undo: 'Urungkan',
    undone: 'Diurungkan',
    saved: 'Tersimpan di HP',
    search: 'Cari',
    none: 'Belum ada',
    unknown: 'Tidak diketahui',
    optional: 'boleh kosong',
    reason: 'Alasan',
    dispute: 'Berbeda',
    waiting: 'Menunggu sinyal',
    by: (name) => `oleh ${name}`,
    nobody: 'tanpa nama',
    more: 'Tambah',
    less: 'Kurangi',
    clear: 'Hapus',
    loading: 'Membuka…',
    retry: 'Coba lagi',
    wib: 'WIB',
    households: 'KK',
    persons: 'jiwa',
  },
};
