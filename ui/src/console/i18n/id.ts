// The words of the console alone, Bahasa Indonesia; what both pages say is in `lib/i18n`.
// `ConsoleWords` is the shape; another language that misses one of its keys does not compile.
import type { AlertKind } from '../../generated/center/AlertKind';
import type { AssignmentStep } from '../../generated/center/AssignmentStep';
import type { DeviceState } from '../../generated/center/DeviceState';
import type { PointTrouble } from '../../generated/PointTrouble';
import type { DistanceFrom } from '../../generated/center/DistanceFrom';
import type { Names } from '../../generated/center/Names';
import type { PersonStanding } from '../../generated/center/PersonStanding';
import type { StaffRole } from '../../generated/center/StaffRole';
import type { UnitState } from '../../generated/center/UnitState';
import type { Each } from '../../lib/i18n/id';
import type { TroubleCode } from '../api';
import type { CategoryGroup } from '../logic/categories';

export interface ConsoleWords {
  title: string;
  center: string;
  signIn: {
    heading: string;
    lead: string;
    user: string;
    password: string;
    submit: string;
    busy: string;
    signOut: string;
    renew: string;
    renewed: string;
    again: string;
    differs: string;
  };
  trouble: Each<TroubleCode>;
  staff: Each<StaffRole>;
  stream: {
    live: string;
    cut: string;
    lost: (at: string) => string;
    lostDetail: string;
    notRead: string;
  };
  sound: { muted: string; mutedHint: string; turnOn: string; silence: string; taken: string };
  bar: {
    newCall: string;
    search: string;
    units: string;
    disputes: (n: string) => string;
    alerts: (n: string) => string;
    devices: string;
    devicesShort: string;
    posts: string;
    noPosts: string;
    menu: string;
    language: string;
    theme: string;
    themeAuto: string;
    themeDay: string;
    themeNight: string;
    keys: string;
  };
  unitState: Each<UnitState>;
  deviceState: Each<DeviceState>;
  alert: Each<AlertKind>;
  alertsHeading: string;
  noAlerts: string;
  escalation: { again: string; next: string; supervisor: string; allDesks: string; loud: string };
  nextUnit: (unit: string, how: string) => string;
  nearest: string;
  queue: {
    heading: string;
    open: string;
    closed: string;
    searchLabel: string;
    searchHint: string;
    empty: string;
    emptyHint: string;
    nothingFound: string;
    noPriority: string;
    noUnit: string;
    /** No unit was sent, and for how long. */
    unsent: (time: string) => string;
    takenBy: (name: string, time: string) => string;
    take: string;
    takeAll: (n: string) => string;
    title: (n: string) => string;
    late: string;
    reported: string;
    units: (n: string) => string;
    assessments: (n: string) => string;
    untriaged: (n: string) => string;
  };
  map: {
    label: string;
    whole: string;
    nearer: string;
    farther: string;
    approximate: string;
    noBoundaries: string;
    clickToPlace: string;
    post: string;
    here: string;
  };
  units: {
    heading: string;
    unit: string;
    state: string;
    position: string;
    contact: string;
    noPosition: string;
    noContact: string;
    stalePosition: string;
    /** An app on the phone made the position up. */
    mock: string;
    mockHint: string;
    tracking: string;
    gapUnknown: string;
    crew: string;
    nobodyCheckedIn: string;
    phones: string;
    noPhones: string;
    atPost: string;
    open: string;
    show: string;
    empty: string;
  };
  incident: {
    none: string;
    noneHint: string;
    gone: string;
    caller: string;
    callerUnknown: string;
    narrative: string;
    noNarrative: string;
    where: string;
    villageDerived: string;
    /** The point lies outside the regency. */
    outside: string;
    noPlace: string;
    coordinates: string;
    openedBy: (by: string) => string;
    received: string;
    sections: string;
    casualties: string;
    hazards: string;
    assignments: string;
    noAssignments: string;
    patients: string;
    noPatients: string;
    assessments: string;
    noAssessments: string;
    disputes: string;
    timeline: string;
    noTimeline: string;
    addendum: string;
    archive: {
      heading: string;
      /** Before the first archive. */
      none: string;
      unread: string;
      first: string;
      more: (n: string) => string;
      holds: (records: string, changes: string, size: string) => string;
      sound: string;
      fault: Each<'missing' | 'hash' | 'signature' | 'rebuild'>;
      /** What to do about a fault. */
      remedy: string;
    };
    notes: string;
    closedBecause: (why: string) => string;
    setPriority: string;
    reporter: (unit: string) => string;
  };
  assign: {
    action: string;
    heading: string;
    freeFirst: string;
    otherUnits: string;
    none: string;
    text: string;
    textHint: string;
    send: (unit: string) => string;
    from: Each<DistanceFrom>;
    approximate: string;
    step: Each<AssignmentStep>;
    notReached: string;
    dueIn: (time: string) => string;
    overdueBy: (time: string) => string;
    answeredAfter: (time: string) => string;
    cancel: string;
    cancelReason: string;
    cancelReasons: readonly string[];
    cancelSend: string;
    cancelled: string;
    declined: string;
    finished: string;
    noPhoneWarning: string;
    dangerWarning: string;
    silentFor: (time: string) => string;
    declinedHere: (reason: string) => string;
    /** The unit has an open order elsewhere. */
    second: (unit: string, where: string) => string;
    secondReason: string;
    secondSend: (unit: string) => string;
    other: string;
    orderedBy: (by: string) => string;
    destination: string;
    words: string;
    events: string;
  };
  dispute: {
    explain: string;
    choose: string;
    shown: string;
    settle: string;
  };
  patient: {
    number: (n: string) => string;
    temporary: (characters: string) => string;
    unidentified: string;
    untriaged: string;
    news2: (score: string) => string;
    noVitals: string;
    lastVitals: string;
    onOxygen: string;
    bloodPressure: string;
    treatments: string;
    handedTo: (name: string) => string;
    years: (n: string) => string;
    nik: string;
    noComplaint: string;
  };
  assessment: {
    noVillage: string;
    source: string;
    needs: string;
    victims: string;
    people: string;
    damage: string;
    other: string;
    noNumbers: string;
    missing: string;
  };
  time: {
    device: string;
    center: string;
    received: string;
    late: string;
    lateBy: (time: string) => string;
    notReceived: string;
    seconds: (n: string) => string;
    minutes: (n: string) => string;
    hours: (h: string, m: string) => string;
    days: (d: string, h: string) => string;
  };
  note: { action: string; label: string; send: string; saved: string };
  closing: { what: string; heading: string; reason: string; text: string; send: string; openUnits: (n: string) => string };
  intake: {
    heading: string;
    what: string;
    categorySearch: string;
    group: Each<CategoryGroup>;
    agencies: (lead: string) => string;
    supporting: (names: string) => string;
    noCategory: string;
    where: string;
    village: string;
    villageHint: string;
    noVillage: string;
    landmark: string;
    landmarkHint: string;
    point: string;
    pointHint: string;
    pointTrouble: { readonly [trouble in PointTrouble]: string };
    /** The mirrored point, offered. */
    pointInstead: (point: string) => string;
    pointMeant: (point: string) => string;
    pointRead: (point: string) => string;
    pointClear: string;
    story: string;
    storyHint: string;
    who: string;
    callerName: string;
    callerPhone: string;
    phoneOdd: string;
    priority: string;
    priorityMeaning: { '1': string; '2': string; '3': string };
    save: string;
    saving: string;
    needCategory: string;
    needPlace: string;
    abandon: string;
    kept: string;
    change: string;
    similar: string;
  };
  device: {
    heading: string;
    lead: string;
    code: string;
    compare: string;
    confirm: string;
    revoke: string;
    revoking: (seconds: string) => string;
    enrolled: string;
    contact: string;
    never: string;
    app: string;
    clock: (time: string) => string;
    clockWrong: string;
    /** A phone that asked more than a phone may: how long ago, and how often it was put off. */
    throttled: (time: string, times: string) => string;
    /** What a phone brought beyond its quota. */
    flooding: (n: string, time: string) => string;
    release: string;
    empty: string;
    supervisorOnly: string;
  };
  photo: {
    noPreview: string;
    open: (size: string) => string;
    coming: (held: string, all: string) => string;
    onPhone: string;
    progress: string;
  };
  packs: {
    heading: string;
    lead: string;
    none: string;
    have: (n: string, of: string) => string;
    everybody: string;
    sent: string;
    missing: string;
    format: Each<'geojson' | 'pmtiles'>;
  };
  /** What phones sent and the center did not simply accept. */
  /** Records whose phone names what was never in its scope. */
  unplaced: {
    heading: string;
    lead: string;
    names: Each<Names>;
    place: string;
    notHere: string;
    open: string;
  };
  /** What was found about an entry of a phone. */
  stated: {
    person: Each<PersonStanding>;
    mismatch: Each<'source' | 'unit' | 'facility' | 'file'>;
    other: string;
  };
  notTaken: {
    heading: string;
    lead: string;
    none: string;
    verdict: Each<'park' | 'overrule' | 'refuse'>;
    envelope: string;
    /** What waits is waited for this long. */
    parked: string;
    bytes: string;
    more: (n: string) => string;
  };
  post: {
    empty: string;
    endingSoon: string;
    until: (time: string) => string;
    expected: string;
    nobodyExpected: string;
    emptySince: string;
    neverStaffed: string;
    onDuty: string;
    shifts: string;
    noShifts: string;
    standsInFor: (name: string) => string;
    checkedIn: string;
    checkedOut: string;
    notCome: string;
    absent: string;
  };
  sos: {
    heading: string;
    answer: string;
    answerHint: string;
    answerReady: string;
    send: string;
    answers: string;
    cancelled: string;
    cancelledConfirm: string;
    noPosition: string;
    unanswered: string;
    /** Further calls of the same phone. */
    further: (n: string, time: string) => string;
    sendUnits: string;
    openIncident: string;
    narrative: (unit: string, by: string) => string;
    safeHeading: string;
    safeHint: string;
    saidBy: string;
    how: string;
    hows: readonly string[];
    end: string;
    ended: (who: string, how: string) => string;
    useReady: string;
  };
  keys: {
    heading: string;
    move: string;
    open: string;
    back: string;
    newCall: string;
    search: string;
    assign: string;
    note: string;
    close: string;
    units: string;
    queue: string;
    alerts: string;
    devices: string;
    map: string;
    help: string;
    take: string;
  };
  done: { taken: (n: string) => string; safe: string; judgedElsewhere: string; savedBefore: string; assigned: (unit: string) => string; noted: string; closed: string; judged: (priority: string) => string; cancelled: string; chosen: string; confirmed: string; placed: string; released: string; revoked: string; answered: string; opened: string };
}

export const id: ConsoleWords = {
  title: 'Siaga 112',
  center: 'Pusat 112',
  signIn: {
    heading: 'Masuk ke pusat 112',
    lead: 'Untuk penerima telepon, dispatcher dan supervisor.',
    user: 'Nama pengguna',
    password: 'Kata sandi',
    submit: 'Masuk',
    busy: 'Memeriksa…',
    signOut: 'Keluar',
    renew: 'Kata sandi ini hanya untuk sekali masuk. Buat kata sandi sendiri, paling sedikit 10 huruf.',
    renewed: 'Kata sandi baru',
    again: 'Ulangi kata sandi baru',
    differs: 'Kedua kata sandi baru tidak sama.',
  },
  trouble: {
    bad_input: 'Ada isian yang belum benar.',
    not_signed_in: 'Sesi sudah berakhir. Masuk lagi.',
    wrong_password: 'Nama pengguna dan kata sandi tidak cocok.',
    new_password_needed: 'Buat kata sandi baru untuk masuk.',
    not_permitted: 'Peran Anda tidak boleh melakukannya. Minta supervisor.',
    csrf_mismatch: 'Sesi sudah berganti. Muat ulang halaman.',
    not_found: 'Sudah tidak ada. Muat ulang daftar.',
    conflict: 'Keadaan sudah berubah. Lihat lagi, lalu ulangi.',
    key_reused: 'Ini sudah tersimpan dengan isian lain. Lihat yang tersimpan.',
    too_large: 'Terlalu besar untuk pusat.',
    too_many_attempts: 'Terlalu banyak percobaan. Tunggu sebentar.',
    storage_full: 'Penyimpanan pusat penuh. Hubungi admin: kosongkan disk pusat.',
    internal: 'Ada kesalahan di pusat. Coba lagi; bila tetap, hubungi admin.',
    unreachable: 'Pusat tidak menjawab. Isian tetap ada di sini; coba lagi.',
  },
  staff: { dispatcher: 'Dispatcher', supervisor: 'Supervisor', system: 'Sistem' },
  stream: {
    live: 'Langsung',
    cut: 'Terputus',
    lost: (at) => `Terputus dari pusat sejak ${at}`,
    lostDetail: 'Yang terlihat adalah keadaan terakhir. Mencoba menyambung lagi.',
    notRead: 'Sebagian daftar belum terbaca.',
  },
  sound: {
    muted: 'Suara alarm belum hidup',
    mutedHint: 'Layar ini tidak berbunyi.',
    turnOn: 'Hidupkan suara',
    silence: 'Saya tangani',
    taken: 'sedang ditangani',
  },
  bar: {
    newCall: 'Panggilan baru',
    search: 'Cari',
    units: 'Unit',
    disputes: (n) => `${n} berbeda`,
    alerts: (n) => `${n} perlu tindakan`,
    devices: 'HP petugas',
    devicesShort: 'HP',
    posts: 'Pos',
    noPosts: 'Belum ada pos',
    menu: 'Menu',
    language: 'Bahasa',
    theme: 'Tampilan',
    themeAuto: 'Otomatis',
    themeDay: 'Siang',
    themeNight: 'Malam',
    keys: 'Tombol cepat',
  },
  unitState: {
    in_danger: 'Dalam bahaya',
    available: 'Siap',
    assigned: 'Belum menjawab',
    busy: 'Bertugas',
    no_device: 'Tanpa HP',
    no_crew: 'Tanpa awak',
    silent: 'Tidak terdengar',
  },
  deviceState: { waiting: 'Menunggu dicocokkan', confirmed: 'Sudah dicocokkan', revoked: 'Akses ditutup' },
  alert: {
    sos: 'SOS: petugas dalam bahaya',
    unplaced: 'Catatan belum ditempatkan',
    unsent: 'Belum ada yang dikirim',
    unanswered: 'Belum diterima',
    declined: 'Tidak bisa berangkat',
    empty_post: 'Pos kosong',
    ending_post: 'Pos segera kosong',
    dispute: 'Data berbeda',
    device_waiting: 'HP baru menunggu',
    device_flooding: 'HP ini membanjiri',
    device_throttled: 'HP terlalu sering meminta',
    clock: 'Jam pusat berbeda dari GPS: minta dibetulkan',
    second_center: 'Ada pusat kedua dari cadangan: matikan',
    copied_phone: 'HP disalin atau dipulihkan',
    damaged_record: 'Catatan rusak di disk pusat: sedang diminta dari HP',
    phone_fault: 'Data di HP rusak: tanyakan ke petugas apa yang hilang',
  },
  alertsHeading: 'Perlu tindakan',
  noAlerts: 'Tidak ada yang menunggu tindakan.',
  escalation: { again: 'alarm ulang', next: 'unit lain disarankan', supervisor: 'naik ke supervisor', allDesks: 'semua meja', loud: 'tidak bisa didiamkan' },
  nextUnit: (unit, how) => `Tugaskan ${unit}${how === '' ? '' : `, ${how}`}`,
  nearest: 'terdekat',
  queue: {
    heading: 'Panggilan & kejadian',
    open: 'Terbuka',
    closed: 'Ditutup',
    searchLabel: 'Cari kejadian',
    searchHint: 'Jenis, desa, unit, kata…',
    empty: 'Tidak ada kejadian terbuka',
    emptyHint: 'Panggilan berikutnya dicatat dengan tombol N.',
    nothingFound: 'Tidak ada yang cocok.',
    noPriority: 'Belum dinilai',
    noUnit: 'Belum ada unit',
    unsent: (time) => `Belum ada yang dikirim, ${time}`,
    takenBy: (name, time) => `diambil ${name}, ${time} lalu`,
    take: 'Saya ambil',
    takeAll: (n) => `Ambil ${n} panggilan`,
    title: (n) => `(${n}) Belum ada yang dikirim`,
    late: 'terlambat',
    reported: 'Laporan petugas',
    units: (n) => `${n} unit`,
    assessments: (n) => `${n} kaji cepat`,
    untriaged: (n) => `${n} belum ditriase`,
  },
  map: {
    label: 'Peta kejadian, unit dan pos',
    whole: 'Seluruh wilayah',
    nearer: 'Perbesar',
    farther: 'Perkecil',
    approximate: 'perkiraan dari desa',
    noBoundaries: 'Batas wilayah belum diimpor',
    clickToPlace: 'Klik peta untuk menandai lokasi',
    post: 'Pos',
    here: 'Lokasi panggilan',
  },
  units: {
    heading: 'Unit',
    unit: 'Unit',
    state: 'Keadaan',
    position: 'Posisi',
    contact: 'Kontak',
    noPosition: 'tanpa posisi',
    noContact: 'belum pernah',
    stalePosition: 'posisi',
    mock: 'posisi tiruan',
    mockHint: 'dibuat oleh aplikasi di HP, bukan oleh penerima GPS',
    tracking: 'Pelacakan',
    gapUnknown: 'sebab tidak dikenal',
    crew: 'Petugas',
    nobodyCheckedIn: 'Belum ada yang naik piket',
    phones: 'HP unit ini',
    noPhones: 'Belum ada HP terdaftar',
    atPost: 'Pos',
    open: 'Buka kejadiannya',
    show: 'Lihat di peta',
    empty: 'Belum ada unit',
  },
  incident: {
    none: 'Belum ada kejadian yang dibuka',
    noneHint: 'Pilih dari daftar dengan panah dan Enter, atau catat panggilan baru.',
    gone: 'Membuka kejadian…',
    caller: 'Pelapor',
    callerUnknown: 'Nama dan nomor tidak dicatat',
    narrative: 'Laporan',
    noNarrative: 'Tidak ada uraian.',
    where: 'Lokasi',
    villageDerived: 'desa dari titik koordinat',
    outside: 'di luar kabupaten',
    noPlace: 'Lokasi belum diketahui',
    coordinates: 'Titik',
    openedBy: (by) => `dicatat ${by}`,
    received: 'diterima 112',
    sections: 'Bagian kejadian',
    casualties: 'Korban menurut laporan',
    hazards: 'Bahaya di lokasi',
    assignments: 'Penugasan',
    noAssignments: 'Belum ada unit yang ditugaskan.',
    patients: 'Pasien',
    noPatients: 'Belum ada pasien dicatat.',
    assessments: 'Kaji cepat',
    noAssessments: 'Belum ada kaji cepat.',
    disputes: 'Data berbeda, pilih yang benar',
    timeline: 'Urutan kejadian',
    noTimeline: 'Belum ada catatan.',
    addendum: 'Tambahan setelah ditutup',
    archive: {
      heading: 'Arsip',
      none: 'Belum diarsipkan. Dibuat sendiri setelah masa tunggu lewat dan semua tugas selesai.',
      unread: 'Arsip belum terbaca.',
      first: 'Arsip pertama',
      more: (n) => `Tambahan, arsip ke-${n}`,
      holds: (records, changes, size) => `${records} catatan · ${changes} perubahan · ${size}`,
      sound: 'Utuh, bertanda tangan pusat. Diperiksa',
      fault: {
        missing: 'Berkas arsip tidak ada',
        hash: 'Isi berkas arsip berubah',
        signature: 'Tanda tangan arsip bukan dari pusat ini',
        rebuild: 'Isi arsip tidak cocok dengan pernyataannya',
      },
      remedy: 'Catatan di basis data tetap ada. Kembalikan berkas dari cadangan, dan laporkan ke pengelola.',
    },
    notes: 'Catatan',
    closedBecause: (why) => `Ditutup: ${why}`,
    setPriority: 'Tetapkan prioritas',
    reporter: (unit) => `Pelapor terverifikasi, ${unit}`,
  },
  assign: {
    action: 'Tugaskan unit',
    heading: 'Tugaskan unit',
    freeFirst: 'Unit siap, terdekat di atas',
    otherUnits: 'Unit lain',
    none: 'Tidak ada unit yang siap.',
    text: 'Pesan untuk unit',
    textHint: 'Boleh kosong, misalnya: bawa perahu',
    send: (unit) => `Tugaskan ${unit}`,
    from: { position: 'dari posisi', post: 'dari posnya', unknown: 'jarak tidak diketahui' },
    approximate: 'kira-kira, menurut desa',
    step: {
      sent: 'terkirim',
      on_phone: 'di HP',
      seen: 'dilihat',
      accepted: 'diterima',
      enroute: 'berangkat',
      arrived: 'tiba',
    },
    notReached: 'belum',
    dueIn: (time) => `jawab dalam ${time}`,
    overdueBy: (time) => `lewat ${time}`,
    answeredAfter: (time) => `dijawab setelah ${time}`,
    cancel: 'Batalkan',
    cancelReason: 'Alasan pembatalan',
    cancelReasons: ['Sudah ditangani unit lain', 'Diganti unit lebih dekat', 'Laporan tidak benar', 'Pelapor membatalkan'],
    cancelSend: 'Batalkan penugasan',
    cancelled: 'Dibatalkan',
    declined: 'Tidak bisa',
    finished: 'Selesai',
    dangerWarning: 'Petugas unit ini menyalakan SOS dan belum dinyatakan aman.',
    noPhoneWarning: 'Unit ini tidak punya HP yang terhubung. Hubungi lewat radio atau telepon.',
    silentFor: (time) => `tidak terdengar ${time}`,
    declinedHere: (reason) => `Menyatakan tidak bisa: ${reason}`,
    second: (unit, where) => `${unit} sudah punya tugas: ${where}`,
    secondReason: 'Alasan mengirim juga ke sini',
    secondSend: (unit) => `Kirim ${unit} juga`,
    other: 'kejadian lain',
    orderedBy: (by) => `ditugaskan ${by}`,
    destination: 'Tujuan',
    words: 'Pesan',
    events: 'Semua waktu',
  },
  dispute: {
    explain: 'Dua petugas menulis hal berbeda tanpa saling melihat. Keduanya disimpan.',
    choose: 'Pilih',
    shown: 'yang tampil sekarang',
    settle: 'Pilih ini',
  },
  patient: {
    number: (n) => `Pasien ${n}`,
    temporary: (characters) => `Pasien sementara ${characters}`,
    unidentified: 'tanpa identitas',
    untriaged: 'Belum ditriase',
    news2: (score) => `NEWS2 ${score}`,
    noVitals: 'Tanda vital belum diukur',
    lastVitals: 'Tanda vital',
    onOxygen: 'dengan oksigen',
    bloodPressure: 'Tekanan darah',
    treatments: 'Tindakan',
    handedTo: (name) => `Diserahkan kepada ${name}`,
    years: (n) => `${n} tahun`,
    nik: 'NIK',
    noComplaint: 'Keluhan belum dicatat',
  },
  assessment: {
    noVillage: 'Desa tidak dikenal',
    source: 'sumber',
    needs: 'Kebutuhan mendesak',
    victims: 'Korban',
    people: 'Warga',
    damage: 'Kerusakan',
    other: 'Lainnya',
    noNumbers: 'Belum ada angka.',
    missing: 'belum ada',
  },
  time: {
    device: 'jam HP',
    center: 'jam pusat',
    received: 'diterima 112',
    late: 'terlambat',
    lateBy: (time) => `terlambat ${time}`,
    notReceived: 'belum diterima',
    seconds: (n) => `${n} dtk`,
    minutes: (n) => `${n} mnt`,
    hours: (h, m) => `${h} jam ${m} mnt`,
    days: (d, h) => `${d} hari ${h} jam`,
  },
  note: {
    action: 'Catatan',
    label: 'Tulis catatan untuk semua petugas kejadian ini',
    send: 'Simpan catatan',
    saved: 'Catatan tersimpan',
  },
  closing: {
    what: 'kejadian',
    heading: 'Tutup kejadian',
    reason: 'Mengapa ditutup',
    text: 'Keterangan',
    send: 'Tutup kejadian',
    openUnits: (n) => `${n} unit masih bertugas di sini. Kejadian tetap bisa ditutup.`,
  },
  intake: {
    heading: 'Panggilan baru',
    what: 'Apa yang terjadi',
    categorySearch: 'Cari jenis: banjir, laka, ular…',
    group: {
      health: 'Kesehatan',
      accident: 'Kecelakaan dan pencarian',
      fire: 'Kebakaran',
      disaster: 'Bencana',
      infrastructure: 'Sarana dan jalan',
      security: 'Keamanan',
      hazard: 'Bahaya lain',
      social: 'Sosial',
      no_emergency: 'Bukan darurat',
    },
    agencies: (lead) => `OPD utama: ${lead}`,
    supporting: (names) => `Pendukung: ${names}`,
    noCategory: 'Tidak ada jenis yang cocok.',
    where: 'Di mana',
    village: 'Desa atau kelurahan',
    villageHint: 'Ketik nama desa atau kecamatan',
    noVillage: 'Tidak ada desa yang cocok. Patokan dan titik di peta tetap cukup.',
    landmark: 'Patokan',
    landmarkHint: 'Jalan, km, masjid, dermaga, simpang…',
    point: 'Titik koordinat',
    pointHint: 'Klik peta, atau tulis: -1,8475, 109,9683',
    pointTrouble: {
      unreadable: 'Bukan titik koordinat. Tulis lintang, bujur.',
      short_link: 'Tautan pendek tidak memuat koordinat. Buka tautannya, lalu salin koordinatnya.',
      not_on_earth: 'Angka ini bukan titik di bumi. Periksa urutan lintang, bujur.',
      nowhere: '0, 0 bukan posisi. Tulis desa atau patokan.',
      outside: 'Titik ini di luar kabupaten. Periksa tanda minus dan urutan lintang, bujur.',
    },
    pointInstead: (point) => `Pakai ${point}`,
    pointMeant: (point) => `Memang di luar: tetap ${point}`,
    pointRead: (point) => `Terbaca: ${point}`,
    pointClear: 'Hapus titik',
    story: 'Kata pelapor',
    storyHint: 'Tulis seperti yang diucapkan: apa, berapa orang, bahaya apa',
    who: 'Pelapor',
    callerName: 'Nama',
    callerPhone: 'Nomor HP',
    phoneOdd: 'Nomor ini tidak biasa. Tetap disimpan.',
    priority: 'Prioritas',
    priorityMeaning: { '1': 'nyawa terancam', '2': 'mendesak', '3': 'bisa menunggu' },
    save: 'Simpan, lalu tugaskan',
    saving: 'Menyimpan…',
    needCategory: 'Pilih jenis kejadian dahulu.',
    needPlace: 'Isi lokasi, nomor, atau kata pelapor: salah satu cukup.',
    abandon: 'Tinggalkan',
    kept: 'Isian disimpan di sini sampai disimpan atau dikosongkan.',
    change: 'Ganti',
    similar: 'Kejadian terbuka di desa ini',
  },
  device: {
    heading: 'HP petugas',
    lead: 'Cocokkan enam angka dengan yang tampil di HP sebelum membuka akses.',
    code: 'Enam angka',
    compare: 'Sama dengan di HP?',
    confirm: 'Angka cocok',
    revoke: 'Tutup akses',
    revoking: (seconds) => `Akses ditutup dalam ${seconds}`,
    enrolled: 'terdaftar',
    contact: 'kontak',
    never: 'belum pernah',
    app: 'aplikasi',
    clock: (time) => `jam HP selisih ${time}`,
    clockWrong: 'jam HP salah',
    flooding: (n, time) => `HP ini membanjiri: ${n} kiriman menunggu, sejak ${time} lalu`,
    release: 'Masukkan semua',
    throttled: (time, times) => `terlalu sering meminta, terakhir ${time} lalu; ${times} permintaan ditunda`,
    empty: 'Belum ada HP terdaftar. Buat undangan dengan siaga-center invite.',
    supervisorOnly: 'Hanya supervisor yang boleh membuka atau menutup akses.',
  },
  photo: {
    noPreview: 'pratinjau belum sampai',
    open: (size) => `Buka foto utuh (${size})`,
    coming: (held, all) => `sedang datang: ${held} dari ${all}`,
    onPhone: 'foto utuh masih di HP pengirim',
    progress: 'kemajuan',
  },
  packs: {
    heading: 'Paket peta',
    lead: 'Batas wilayah dan peta dasar untuk HP tanpa sinyal. Ditambah dan ditarik dengan siaga-center pack.',
    none: 'Belum ada paket peta. Tambahkan dengan siaga-center pack add.',
    have: (n, of) => `terkirim utuh ke ${n} dari ${of} HP`,
    everybody: 'semua unit',
    sent: 'sudah',
    missing: 'belum',
    format: { geojson: 'batas wilayah', pmtiles: 'peta dasar' },
  },
  unplaced: {
    heading: 'Catatan belum ditempatkan',
    lead: 'HP ini menunjuk sesuatu yang bukan tugasnya. Catatan tersimpan, tetapi tidak dihitung dan tidak dikirim ke HP lain sampai Anda menempatkannya.',
    names: { incident: 'kejadian', patient: 'pasien', identity: 'identitas pasien', post: 'pos' },
    place: 'Tempatkan',
    notHere: 'Yang ditunjuk belum ada di pusat; tanyakan ke unitnya.',
    open: 'Buka kejadian',
  },
  stated: {
    person: { proven: '', unproven: 'nama tidak terbukti', nameless: 'tanpa nama' },
    mismatch: {
      source: 'bukan panggilan: dikirim sebuah HP',
      unit: 'unit tidak sesuai pendaftaran HP',
      facility: 'fasilitas tidak terdaftar',
      file: 'foto milik catatan lain',
    },
    other: 'tidak sesuai pendaftaran HP',
  },
  notTaken: {
    heading: 'Menunggu dan tidak diterima',
    lead: 'Kiriman HP yang tidak langsung diterima. Isinya tetap tersimpan; petugas melihat alasannya di HP.',
    none: 'Semua kiriman HP diterima.',
    verdict: { park: 'menunggu data sebelumnya', overrule: 'masuk, tanpa pengaruh', refuse: 'tidak diterima' },
    envelope: 'seluruh amplop',
    parked: 'HP sudah diminta mengirim yang kurang; begitu datang, ini masuk sendiri. Setelah 72 jam ditolak dan ditulis ulang oleh HP.',
    bytes: 'Unduh isinya',
    more: (n) => `${n} lagi`,
  },
  post: {
    empty: 'KOSONG',
    endingSoon: 'segera habis',
    until: (time) => `sampai ${time}`,
    expected: 'Seharusnya',
    nobodyExpected: 'Tidak ada jadwal untuk sekarang',
    emptySince: 'kosong sejak',
    neverStaffed: 'belum pernah ada yang naik piket',
    onDuty: 'Piket sekarang',
    shifts: 'Jadwal kemarin sampai besok',
    noShifts: 'Belum ada jadwal.',
    standsInFor: (name) => `pengganti ${name}`,
    checkedIn: 'naik piket',
    checkedOut: 'lepas piket',
    notCome: 'belum hadir',
    absent: 'tidak hadir',
  },
  sos: {
    heading: 'SOS',
    answer: 'Jawaban ke petugas',
    answerHint: 'Tampil di HP petugas',
    answerReady: 'SOS diterima. Bantuan menuju lokasi Anda.',
    send: 'Kirim jawaban',
    answers: 'Jawaban',
    cancelled: 'Dibatalkan awak',
    cancelledConfirm: 'Dibatalkan awak, pastikan',
    noPosition: 'Posisi tidak diketahui. Hubungi lewat radio atau telepon.',
    unanswered: 'Belum dijawab',
    further: (n, time) => `Ditekan lagi ${n} kali, terakhir ${time} lalu; tempat dan nama yang terbaru`,
    sendUnits: 'Kirim unit ke SOS ini',
    openIncident: 'Buka kejadiannya',
    narrative: (unit, by) => `SOS: petugas dalam bahaya, ${unit}${by === '' ? '' : `, ${by}`}`,
    safeHeading: 'Petugas sudah aman',
    safeHint: 'SOS berakhir hanya di sini. Pastikan dahulu.',
    saidBy: 'Siapa yang menyatakan aman',
    how: 'Diketahui lewat apa',
    hows: ['Radio', 'Telepon', 'Dilihat langsung di tempat'],
    end: 'Nyatakan aman, akhiri SOS',
    ended: (who, how) => `Aman menurut ${who}, ${how}`,
    useReady: 'Pakai',
  },
  keys: {
    heading: 'Tombol cepat',
    move: 'Pindah di daftar',
    open: 'Buka',
    back: 'Kembali, tutup panel',
    newCall: 'Panggilan baru',
    search: 'Cari kejadian',
    assign: 'Tugaskan unit',
    note: 'Tulis catatan',
    close: 'Tutup kejadian',
    units: 'Ke daftar unit',
    queue: 'Ke daftar kejadian',
    alerts: 'Ke yang perlu tindakan',
    devices: 'HP petugas',
    map: 'Seluruh wilayah di peta',
    help: 'Tombol cepat',
    take: 'Ambil panggilan yang belum ada unitnya',
  },
  done: {
    assigned: (unit) => `${unit} ditugaskan`,
    noted: 'Catatan tersimpan',
    closed: 'Kejadian ditutup',
    judged: (priority) => `Prioritas ${priority} ditetapkan`,
    cancelled: 'Penugasan dibatalkan',
    chosen: 'Pilihan tersimpan',
    confirmed: 'Akses HP dibuka',
    placed: 'Catatan ditempatkan',
    released: 'Semua kiriman HP itu masuk',
    revoked: 'Akses HP ditutup',
    answered: 'Jawaban terkirim ke HP petugas begitu terhubung',
    taken: (n) => `${n} panggilan diambil. Berbunyi lagi bila 3 menit tanpa unit.`,
    safe: 'SOS diakhiri: petugas aman',
    judgedElsewhere: 'Meja lain baru saja mengubahnya. Lihat yang berlaku, lalu putuskan lagi.',
    savedBefore: 'Panggilan ini sudah tersimpan tadi. Tulis yang berubah sebagai catatan.',
    opened: 'Kejadian tersimpan',
  },
};
