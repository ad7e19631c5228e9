// The sentences of the phone's page, Bahasa Indonesia. `FieldWords` is this file's shape.
import type { PhoneCheck } from '../../field/fitness';
import type { DamageClass } from '../../generated/DamageClass';
import type { DamageQuestion } from '../../generated/DamageQuestion';
import type { TriageQuestion } from '../../generated/TriageQuestion';

export interface FieldWords {
  tabs: { tasks: string; map: string; report: string; me: string; label: string };
  header: {
    allReceived: (age: string) => string;
    /** Beside what was not accepted. */
    restReceived: (age: string) => string;
    nothingYet: string;
    waiting: (n: string) => string;
    sending: (n: string) => string;
    lastReceived: (age: string) => string;
    neverReceived: string;
    refused: (n: string) => string;
    sosWaiting: string;
    sosAnswered: (text: string) => string;
    emptyPost: (name: string) => string;
    clockWrong: string;
    clockWrongMeans: string;
    homeLost: (when: string) => string;
    homeLostMeans: (saved: string, lost: string | null) => string;
    damagedWaiting: (count: string) => string;
    damagedLost: (count: string) => string;
    safeStart: string;
    safeStartMeans: string;
    /** The engine does not answer: what stands below is old. */
    stale: string;
    /** All records are received, positions are not. */
    fixesWaiting: (age: string) => string;
    moved: (unit: string, before: string) => string;
    movedMeans: (unsent: string | null) => string;
    movedSeen: string;
    opensSync: string;
    offDuty: string;
  };
  engine: { gone: string; goneText: string };
  phoneTest: {
    title: string;
    grant: string;
    good: string;
    tracking: string;
    tracks: string;
    offDuty: string;
    stopped: (time: string) => string;
    gaps: string;
    rows: Each<PhoneCheck>;
    wrong: Each<PhoneCheck>;
  };
  enrol: {
    title: string;
    intro: string;
    link: string;
    linkHint: string;
    paste: string;
    scan: string;
    scanning: string;
    photograph: string;
    noCode: string;
    noCamera: string;
    submit: string;
    working: string;
    compareTitle: string;
    awaiting: string;
    compare: string;
    joined: (name: string, unit: string) => string;
    unsent: (n: string) => string;
    sendNow: string;
    setAside: string;
    begin: string;
  };
  tasks: {
    current: string;
    waiting: string;
    closed: string;
    archived: string;
    archivedLead: string;
    openedAt: (time: string) => string;
    archivedAt: (time: string) => string;
    addedTo: string;
    none: string;
    noneText: string;
    reportInstead: string;
    sinceOrder: (age: string) => string;
    patients: string;
    assessments: string;
    notes: string;
    overdue: string;
    cancelled: string;
    notAnswered: string;
    noPlace: string;
    unknownKind: string;
    elsewhere: string;
    elsewhereText: string;
    /** What opening one of them says. */
    elsewhereWhy: string;
    elsewhereHelp: string;
    since: (age: string) => string;
    told: (age: string) => string;
  };
  cancelled: {
    title: string;
    by: (name: string, time: string, age: string) => string;
    more: (n: string) => string;
    acknowledge: string;
    acknowledged: string;
  };
  ownReports: {
    title: string;
    closed: string;
    sent: (units: string) => string;
    noUnit: string;
    notThere: string;
  };
  incoming: {
    title: string;
    sentBy: (name: string, age: string) => string;
    accept: string;
    decline: string;
    later: string;
    declineTitle: string;
    reasons: { busy: string; vehicle: string; crew: string; road: string; equipment: string };
    otherReason: string;
    sendReason: string;
    more: (n: string) => string;
    wakeSound: string;
  };
  task: {
    call: string;
    directions: string;
    narrative: string;
    dispatcher: string;
    caller: string;
    times: string;
    notPressed: string;
    patients: string;
    addPatient: string;
    assessments: string;
    addAssessment: string;
    otherUnits: string;
    log: string;
    addNote: string;
    noteTitle: string;
    noteLabel: string;
    photo: string;
    photoAdd: string;
    photoRemove: string;
    photoOf: string;
    photoUnreadable: string;
    withPosition: string;
    delayed: string;
    delayedTitle: string;
    delayedReasons: { flood: string; road: string; boat: string; breakdown: string; weather: string };
    undoReason: string;
    otherStatus: string;
    outcomes: string;
    allStatuses: string;
    cancelled: (reason: string) => string;
    done: string;
    pressed: (status: string) => string;
    accepted: string;
    declined: string;
    noteSaved: string;
    distanceFrom: (age: string) => string;
    noDistance: string;
    casualties: string;
    struck: string;
    /** What was written after the incident was closed. */
    addenda: string;
    addendaLead: string;
    hazards: string;
    closed: string;
  };
  share: {
    task: string;
    assessment: string;
    incident: string;
    copied: string;
    failed: string;
  };
  patient: {
    number: (n: string) => string;
    temporary: (characters: string) => string;
    newTitle: string;
    newIntro: string;
    add: string;
    added: string;
    name: string;
    age: string;
    describe: string;
    described: string;
    ageWrong: string;
    ageUnit: { years: string; months: string; days: string };
    ageBand: string;
    sex: string;
    complaint: string;
    nik: string;
    nikHint: string;
    triage: string;
    triageHelp: string;
    triageSet: (color: string) => string;
    triageBy: (method: string) => string;
    vitals: string;
    vitalsSave: (n: string) => string;
    vitalsSaved: (n: string) => string;
    history: string;
    noHistory: string;
    last: (value: string, age: string) => string;
    noLast: string;
    next: string;
    enter: string;
    absentTitle: string;
    outOfRange: (low: string, high: string) => string;
    news2: string;
    news2Hint: string;
    onOxygen: string;
    treatments: string;
    addTreatment: string;
    what: string;
    dose: string;
    quick: string[];
    treated: string;
    handover: string;
    receiver: string;
    facility: string;
    otherFacility: string;
    handoverAdd: string;
    handoverSave: string;
    handedOver: string;
    identity: string;
    identityEdit: string;
    identityUnknown: string;
    identified: string;
    show: string;
    hide: string;
    timeline: string;
    years: (n: string) => string;
    unsaved: string;
  };
  start: {
    title: string;
    question: Each<TriageQuestion>;
    hint: Each<TriageQuestion>;
    yes: string;
    no: string;
    restart: string;
    resultTitle: string;
    use: (color: string) => string;
    adult: string;
    child: string;
    childHint: string;
  };
  assess: {
    title: string;
    village: string;
    chooseVillage: string;
    sections: { village: string; casualties: string; displaced: string; affected: string; houses: string; public: string; water: string; needs: string; note: string };
    filled: (n: string) => string;
    missing: string;
    vulnerable: string;
    qualityHint: string;
    moreKkThanPersons: string;
    waterWords: { ankle: string; knee: string; waist: string; chest: string; roof: string };
    waterPicture: string;
    dry: string;
    damageHelp: string;
    damageIntro: string;
    damageQuestions: Each<DamageQuestion>;
    damageAnswer: Each<DamageAnswer>;
    countOne: string;
    needsList: string[];
    needAdd: string;
    needText: string;
    quantity: string;
    unit: string;
    save: string;
    saved: string;
    noVillage: string;
    noNumbers: string;
    again: string;
    source: string;
    sources: { head: string; counted: string; resident: string };
    noNeeds: string;
    done: string;
    addNote: string;
  };
  report: {
    title: string;
    steps: { what: string; where: string; words: string; send: string };
    otherKind: string;
    allKinds: string;
    here: string;
    locating: string;
    located: (accuracy: string) => string;
    notLocated: string;
    gpsRefused: string;
    village: string;
    villageHint: string;
    noVillageFound: string;
    landmark: string;
    landmarkHint: string;
    text: string;
    textHint: string;
    next: string;
    send: string;
    sent: string;
    missingWhat: string;
    missingWhere: string;
    missingWords: string;
    discard: string;
    discarded: string;
    summary: string;
    removePlace: string;
  };
  file: {
    /** Of a picture and of a map pack alike. */
    fetch: (size: string) => string;
    fetchAgain: (size: string) => string;
    asked: string;
    preview: string;
    saved: string;
    sending: (done: string, all: string, age: string) => string;
    received: string;
    receivedGone: string;
    refused: string;
    damaged: string;
    notAtCenter: string;
    offered: string;
    waits: string;
    fetching: (done: string, all: string, age: string) => string;
    fetched: string;
    progress: string;
  };
  packs: {
    title: string;
    none: string;
    used: (size: string, age: string) => string;
    notYet: string;
    newer: string;
    unreadable: (name: string) => string;
    unasked: string;
    unaskedText: string;
    choices: { free: string; always: string; never: string };
  };
  map: {
    label: string;
    here: string;
    noHere: string;
    what: string;
    incidents: string;
    posts: string;
    facilities: string;
    trail: (n: string) => string;
    empty: string;
    toHere: string;
    openTask: string;
    offline: string;
  };
  me: {
    duty: string;
    onDuty: string;
    offDuty: string;
    since: (time: string) => string;
    until: (time: string) => string;
    relief: string;
    noRelief: string;
    go: string;
    leave: string;
    goTitle: string;
    leaveTitle: string;
    post: string;
    person: string;
    otherPerson: string;
    wentOn: string;
    wentOff: string;
    leaveReason: string;
    leaveEmpty: string;
    reasons: { end: string; sick: string; emergency: string; supervisor: string };
    posts: string;
    allPosts: string;
    staffed: string;
    endingSoon: (time: string) => string;
    empty: string;
    expected: (names: string) => string;
    nobodyExpected: string;
    knownAt: (age: string) => string;
    sync: string;
    syncNow: string;
    syncDone: string;
    saved: (n: string) => string;
    sent: (n: string) => string;
    files: (n: string) => string;
    fixes: (n: string) => string;
    kept: (n: string) => string;
    parked: (n: string) => string;
    refused: (n: string) => string;
    none: string;
    lastExchange: string;
    lastReceipt: string;
    never: string;
    silent: string;
    showWaiting: string;
    disputes: string;
    noDisputes: string;
    language: string;
    theme: string;
    themes: { auto: string; day: string; night: string; red: string; contrast: string };
    textSize: string;
    selftest: string;
    gps: string;
    gpsOk: (accuracy: string) => string;
    gpsNone: string;
    gpsRefused: string;
    clock: string;
    clockOk: string;
    clockOff: (seconds: string) => string;
    clockUnknown: string;
    device: string;
    reasonOther: string;
  };
  sos: {
    title: string;
    hold: string;
    holding: string;
    explain: string;
    active: (time: string) => string;
    heldAgain: (time: string) => string;
    explainAgain: string;
    holdAgain: string;
    notAnswered: string;
    answered: string;
    cancel: string;
    cancelTitle: string;
    cancelReasons: { safe: string; mistake: string; test: string };
    cancelConfirm: string;
    cancelled: string;
  };
  outbox: {
    title: string;
    why: string;
    whySaved: Each<'silent' | 'no_signal' | 'unknown' | 'reached' | 'not_our_center' | 'revoked' | 'update_needed' | 'clock_wrong'>;
    whySent: string;
    whyKept: string;
    whyParked: string;
    empty: string;
    emptyText: string;
    size: string;
    urgent: string;
  };
  disputes: {
    title: string;
    intro: string;
    choose: string;
    chosen: string;
    shown: string;
    writtenBy: (name: string, time: string) => string;
    empty: string;
    emptyText: string;
    centerTime: (time: string) => string;
  };
}

type Each<Code extends string> = { [key in Code]: string };
/** What the three damage questions come to. */
export type DamageAnswer = DamageClass | 'none';

export const fieldId: FieldWords = {
  tabs: { tasks: 'Tugas', map: 'Peta', report: 'Lapor', me: 'Saya', label: 'Halaman utama' },
  header: {
    allReceived: (age) => `Semua diterima 112, ${age}`,
    restReceived: (age) => `Selebihnya diterima 112, ${age}`,
    nothingYet: 'Belum ada yang dikirim',
    waiting: (n) => `${n} menunggu sinyal`,
    sending: (n) => `${n} belum diterima 112`,
    lastReceived: (age) => `terakhir diterima 112 ${age}`,
    neverReceived: 'belum pernah diterima 112',
    refused: (n) => `${n} tidak diterima 112`,
    sosWaiting: 'SOS menyala, belum dijawab 112',
    sosAnswered: (text) => `112 menjawab: ${text}`,
    emptyPost: (name) => `Pos kosong: ${name}`,
    clockWrong: 'Jam HP salah.',
    clockWrongMeans: 'Catatan tetap memakai jam pusat. Atur tanggal dan jam HP ke otomatis.',
    homeLost: (when) => `Data di HP ini rusak pada ${when}.`,
    homeLostMeans: (saved, lost) => `${saved} catatan diselamatkan${lost === null ? '' : `, sekurangnya ${lost} tidak terbaca`}. Hubungi pusat 112.`,
    damagedWaiting: (count) => `${count} catatan rusak di HP, sedang diminta lagi dari pusat.`,
    damagedLost: (count) => `${count} catatan rusak sebelum terkirim. Lihat daftar yang menunggu, lalu catat ulang.`,
    safeStart: 'Mode aman.',
    moved: (unit, before) => `HP ini sekarang bertugas untuk ${unit}, bukan lagi ${before}.`,
    movedMeans: (unsent) => (unsent === null ? 'Catatan lama sudah di pusat.' : `${unsent} catatan lama belum terkirim; tetap dikirim sendiri.`),
    movedSeen: 'Mengerti',
    safeStartMeans: 'Aplikasi berulang kali berhenti. Foto dan peta menunggu; catatan tetap disimpan dan dikirim.',
    stale: 'Keadaan belum diketahui: data HP tidak terbaca',
    fixesWaiting: (age) => `Catatan diterima 112, ${age}. Posisi masih menunggu`,
    opensSync: 'Buka daftar yang menunggu',
    offDuty: 'lepas piket',
  },
  engine: { gone: 'Mesin Siaga tidak menjawab', goneText: 'Yang sudah tersimpan tetap aman di HP. Buka lagi aplikasinya.' },
  phoneTest: {
    title: 'HP untuk piket',
    grant: 'Atur',
    good: 'siap',
    tracking: 'Jejak posisi',
    tracks: 'direkam',
    offDuty: 'tidak direkam di luar piket',
    stopped: (time) => `BERHENTI sejak ${time}`,
    gaps: 'Jeda jejak 24 jam terakhir',
    rows: {
      location: 'Izin lokasi',
      location_on: 'Lokasi (GPS)',
      notifications: 'Pemberitahuan',
      battery: 'Hemat baterai',
      full_screen: 'Tugas baru memenuhi layar kunci',
      clock: 'Jam otomatis',
      space: 'Ruang penyimpanan',
      webview: 'Android System WebView',
      maker: 'Mulai otomatis (setelan merek HP)',
    },
    wrong: {
      location: 'Pilih “Izinkan sepanjang waktu”, lokasi akurat.',
      location_on: 'Lokasi dimatikan. Nyalakan.',
      notifications: 'Dimatikan: tugas baru tidak terlihat.',
      battery: 'HP boleh menghentikan Siaga. Pilih “Jangan batasi”.',
      full_screen: 'Tidak diizinkan: tugas baru hanya berbunyi.',
      clock: 'Jam diatur sendiri. Pilih otomatis.',
      space: 'Hampir penuh. Hapus foto atau video lama.',
      webview: 'Versi lama: peta tidak tampil. Perbarui lewat Play Store.',
      maker: 'HP ini punya setelan sendiri. Buka, lalu izinkan Siaga.',
    },
  },
  enrol: {
    title: 'Daftarkan HP ini',
    intro: 'Minta undangan dari pusat 112: berupa tautan atau kode QR. Satu undangan untuk satu HP.',
    link: 'Tautan undangan',
    linkHint: 'siaga://…',
    paste: 'Tempel',
    scan: 'Pindai QR',
    scanning: 'Arahkan kamera ke kode QR',
    photograph: 'Foto kode QR',
    noCode: 'Tidak ada kode QR yang terbaca. Foto lebih dekat, tegak lurus, dan terang.',
    noCamera: 'Kamera tidak bisa dibuka. Tempel tautannya saja.',
    submit: 'Daftarkan',
    working: 'Menghubungi pusat…',
    compareTitle: 'Cocokkan angka ini',
    awaiting: 'Menunggu pusat 112 mencocokkan angka ini dan menyetujui HP ini. Bacakan lewat telepon; paling lama 2 menit.',
    compare: 'Pusat 112 harus melihat angka yang sama di layarnya. Bila berbeda, jangan dipakai: telepon pusat.',
    joined: (name, unit) => `${name} · unit ${unit}`,
    unsent: (n) => `${n} belum terkirim ke pusat lama.`,
    sendNow: 'Kirim sekarang',
    setAside: 'Simpan terpisah, lalu daftar',
    begin: 'Mulai',
  },
  tasks: {
    current: 'Tugas sekarang',
    waiting: 'Menunggu',
    closed: 'Sudah selesai',
    archived: 'Diarsipkan',
    archivedLead: 'Disimpan di arsip pusat; tidak lagi di HP ini.',
    openedAt: (time) => `dibuka ${time}`,
    archivedAt: (time) => `diarsipkan ${time}`,
    addedTo: 'ada tambahan',
    none: 'Tidak ada tugas',
    noneText: 'Tugas baru berbunyi dan memenuhi layar.',
    reportInstead: 'Lapor kejadian',
    sinceOrder: (age) => `ditugaskan ${age}`,
    patients: 'Pasien',
    assessments: 'Kaji cepat',
    notes: 'Catatan',
    overdue: 'Lewat batas waktu terima',
    cancelled: 'Dibatalkan pusat',
    notAnswered: 'Belum dijawab',
    noPlace: 'Lokasi belum diketahui',
    unknownKind: 'Kejadian',
    elsewhere: 'Kejadian lain',
    elsewhereText: 'Tidak ada di HP ini; hanya daftar dari pusat.',
    elsewhereWhy: 'Ditangani unit lain. HP ini hanya tahu jenis, prioritas, dan desanya; pelapor, pasien, dan catatannya tidak ada di sini.',
    elsewhereHelp: 'Bila Anda dekat dan bisa membantu, hubungi pusat 112. Begitu unit Anda ditugaskan, semuanya datang sendiri.',
    since: (age) => `sejak ${age}`,
    told: (age) => `kabar ${age}`,
  },
  cancelled: {
    title: 'TUGAS DIBATALKAN',
    by: (name, time, age) => `Oleh ${name}, ${time} (${age})`,
    more: (n) => `${n} pembatalan lain menunggu`,
    acknowledge: 'Mengerti',
    acknowledged: 'Tersimpan di HP: pembatalan sudah dilihat',
  },
  ownReports: {
    title: 'Laporan saya',
    closed: 'Ditutup 112',
    sent: (units) => `Unit dikirim: ${units}`,
    noUnit: 'Belum ada unit dikirim',
    notThere: 'Belum sampai di 112',
  },
  incoming: {
    title: 'Tugas baru',
    sentBy: (name, age) => `Dari ${name}, ${age}`,
    accept: 'Terima',
    decline: 'Tidak bisa',
    later: 'Lihat dulu',
    declineTitle: 'Kenapa tidak bisa?',
    reasons: {
      busy: 'Sedang menangani tugas lain',
      vehicle: 'Kendaraan atau perahu rusak',
      crew: 'Petugas kurang',
      road: 'Jalan putus, tidak bisa sampai',
      equipment: 'Alat tidak ada',
    },
    otherReason: 'Alasan lain',
    sendReason: 'Kirim alasan',
    more: (n) => `${n} tugas lain menunggu jawaban`,
    wakeSound: 'Ketuk layar agar alarm berbunyi',
  },
  task: {
    call: 'Telepon',
    directions: 'Arahkan',
    narrative: 'Laporan',
    dispatcher: 'Pesan dispatcher',
    caller: 'Pelapor',
    times: 'Waktu',
    notPressed: 'belum',
    patients: 'Pasien',
    addPatient: 'Pasien',
    assessments: 'Kaji cepat',
    addAssessment: 'Kaji',
    otherUnits: 'Unit lain',
    log: 'Catatan',
    addNote: 'Catatan',
    noteTitle: 'Catatan baru',
    noteLabel: 'Apa yang terjadi',
    photo: 'Foto',
    photoAdd: 'Ambil foto',
    photoRemove: 'Buang foto',
    photoOf: 'Foto pada catatan',
    photoUnreadable: 'Foto tidak terbaca. Coba ambil lagi.',
    withPosition: 'dengan posisi',
    delayed: 'Terhambat',
    delayedTitle: 'Terhambat karena apa?',
    delayedReasons: { flood: 'Banjir', road: 'Jalan putus', boat: 'Tunggu perahu', breakdown: 'Kendaraan rusak', weather: 'Cuaca buruk' },
    undoReason: 'salah tekan',
    otherStatus: 'Status lain',
    outcomes: 'Tugas selesai karena',
    allStatuses: 'Semua status',
    cancelled: (reason) => `Dibatalkan pusat: ${reason}`,
    done: 'Tugas ini selesai',
    pressed: (status) => `${status}: tersimpan di HP`,
    accepted: 'Tugas diterima: tersimpan di HP',
    declined: 'Alasan tersimpan di HP',
    noteSaved: 'Catatan tersimpan di HP',
    distanceFrom: (age) => `dari posisi ${age}`,
    noDistance: 'jarak belum diketahui',
    casualties: 'Korban dilaporkan',
    struck: 'Dicoret',
    addenda: 'Masuk sebagai tambahan',
    addendaLead: 'Kejadian sudah ditutup. Ini diterima 112 dan disimpan di samping catatan yang ditutup.',
    hazards: 'Bahaya',
    closed: 'Kejadian ditutup pusat',
  },
  share: {
    task: 'Bagikan',
    assessment: 'Bagikan sebagai teks',
    incident: 'No. kejadian',
    copied: 'Teks disalin. Tempel di WhatsApp atau SMS.',
    failed: 'Teks tidak bisa dibagikan dari HP ini. Sampaikan lewat telepon atau radio.',
  },
  patient: {
    number: (n) => `Pasien ${n}`,
    temporary: (characters) => `Pasien sementara ${characters}`,
    newTitle: 'Pasien baru',
    newIntro: 'Semua boleh kosong. Identitas bisa menyusul.',
    add: 'Tambah pasien',
    added: 'Pasien tersimpan di HP',
    name: 'Nama',
    age: 'Umur',
    describe: 'Umur, jenis kelamin, keluhan',
    described: 'Data pasien tersimpan di HP',
    ageWrong: 'Umur tidak terbaca. Tulis angka, lalu pilih tahun, bulan atau hari.',
    ageUnit: { years: 'Tahun', months: 'Bulan', days: 'Hari' },
    ageBand: 'Perkiraan umur',
    sex: 'Jenis kelamin',
    complaint: 'Keluhan utama',
    nik: 'NIK',
    nikHint: '16 angka',
    triage: 'Triase',
    triageHelp: 'Bantu saya',
    triageSet: (color) => `Triase ${color}: tersimpan di HP`,
    triageBy: (method) => `cara: ${method}`,
    vitals: 'Tanda vital',
    vitalsSave: (n) => `Simpan ${n} tanda vital`,
    vitalsSaved: (n) => `${n} tanda vital tersimpan di HP`,
    history: 'Riwayat',
    noHistory: 'Belum ada pengukuran',
    last: (value, age) => `terakhir ${value}, ${age}`,
    noLast: 'belum pernah diukur',
    next: 'Berikutnya',
    enter: 'Pakai',
    absentTitle: 'Tidak ada angka',
    outOfRange: (low, high) => `Di luar ${low}–${high}: periksa lagi`,
    news2: 'NEWS2',
    news2Hint: 'alat bantu, bukan keputusan',
    onOxygen: 'Dengan oksigen',
    treatments: 'Tindakan',
    addTreatment: 'Tindakan',
    what: 'Apa yang dilakukan',
    dose: 'Dosis atau jumlah',
    quick: ['Oksigen', 'RJP', 'Balut', 'Bidai', 'Infus', 'Hentikan perdarahan', 'Tandu', 'Obat'],
    treated: 'Tindakan tersimpan di HP',
    handover: 'Serah terima',
    receiver: 'Diterima oleh',
    facility: 'Di mana',
    otherFacility: 'Tempat lain',
    handoverAdd: 'Serahkan',
    handoverSave: 'Simpan serah terima',
    handedOver: 'Serah terima tersimpan di HP',
    identity: 'Identitas',
    identityEdit: 'Isi identitas',
    identityUnknown: 'Belum dikenal',
    identified: 'Identitas tersimpan di HP',
    show: 'Lihat',
    hide: 'Tutup',
    timeline: 'Urutan kejadian',
    years: (n) => `${n} tahun`,
    unsaved: 'belum disimpan',
  },
  start: {
    title: 'Bantu saya',
    question: {
      walk: 'Bisa jalan?',
      breathing: 'Bernapas?',
      airway: 'Buka jalan napas. Sekarang bernapas?',
      rate: 'Napas lebih dari 30 kali semenit?',
      perfusion: 'Nadi pergelangan teraba?',
      commands: 'Menuruti perintah?',
      child_pulse: 'Nadi teraba?',
      rescue: 'Beri 5 napas bantuan. Sekarang bernapas?',
      child_rate: 'Napas di bawah 15 atau di atas 45 semenit?',
      child_perfusion: 'Nadi teraba?',
      child_response: 'Sadar, atau menjawab suara atau nyeri dengan wajar?',
    },
    hint: {
      walk: 'Minta berdiri dan berjalan ke arahmu.',
      breathing: 'Lihat dada, dengar, rasakan napas.',
      airway: 'Tengadahkan kepala, angkat dagu.',
      rate: 'Hitung 15 detik: lebih dari 7 kali berarti ya.',
      perfusion: 'Atau tekan kuku: merah lagi dalam 2 detik.',
      commands: '“Genggam tangan saya.” “Buka mata.”',
      child_pulse: 'Raba di lengan atas atau leher.',
      rescue: 'Mulut ke mulut atau kantong napas.',
      child_rate: 'Hitung 15 detik: kurang dari 4 atau lebih dari 11 berarti ya.',
      child_perfusion: 'Raba di lengan atas atau leher.',
      child_response: 'Menangis, menarik tangan, menatap: wajar.',
    },
    yes: 'Ya',
    no: 'Tidak',
    restart: 'Ulangi',
    resultTitle: 'Hasil',
    use: (color) => `Pakai ${color}`,
    adult: 'Dewasa (START)',
    child: 'Anak (JumpSTART)',
    childHint: 'Anak: kira-kira 1 sampai 8 tahun.',
  },
  assess: {
    title: 'Kaji cepat',
    village: 'Desa',
    chooseVillage: 'Pilih desa',
    sections: {
      village: 'Desa',
      casualties: 'Korban',
      displaced: 'Mengungsi',
      affected: 'Terdampak, masih di rumah',
      houses: 'Rumah',
      public: 'Fasilitas umum',
      water: 'Tinggi air',
      needs: 'Kebutuhan mendesak',
      note: 'Catatan',
    },
    filled: (n) => `${n} terisi`,
    missing: 'belum diisi',
    vulnerable: 'Di antaranya',
    qualityHint: 'Mutu angka',
    moreKkThanPersons: 'KK lebih banyak dari jiwa: periksa lagi. Angkanya tetap disimpan.',
    waterWords: { ankle: 'Mata kaki', knee: 'Lutut', waist: 'Pinggang', chest: 'Dada', roof: 'Atap' },
    waterPicture: 'Tinggi air dibanding badan orang dewasa',
    dry: 'Tidak ada air',
    damageHelp: 'Rusak ringan, sedang, atau berat?',
    damageIntro: 'Jawab untuk satu rumah.',
    damageQuestions: {
      collapsed: 'Roboh, miring, atau hanyut?',
      structure: 'Dinding atau tiang retak, atau ada bagian yang hilang?',
      finish: 'Atap, plafon, atau lantai rusak?',
    },
    damageAnswer: { heavy: 'Rusak berat', moderate: 'Rusak sedang', light: 'Rusak ringan', none: 'Tidak rusak' },
    countOne: 'Tambah satu rumah',
    needsList: ['Perahu karet', 'Makanan siap saji', 'Air bersih', 'Obat-obatan', 'Selimut / matras', 'Tenda / terpal', 'Pampers bayi / susu', 'Pelampung', 'Genset', 'Dapur umum'],
    needAdd: 'Kebutuhan lain',
    needText: 'Apa yang dibutuhkan',
    quantity: 'Jumlah',
    unit: 'Satuan',
    save: 'Simpan kaji cepat',
    saved: 'Kaji cepat tersimpan di HP',
    noVillage: 'Pilih desa dulu',
    noNumbers: 'Isi paling sedikit satu angka atau kebutuhan',
    again: 'Kaji lagi',
    source: 'Sumber',
    sources: { head: 'Kepala desa', counted: 'Hitung sendiri', resident: 'Warga' },
    noNeeds: 'Belum ada kebutuhan',
    done: 'Selesai',
    addNote: 'Catatan',
  },
  report: {
    title: 'Lapor kejadian',
    steps: { what: 'Apa', where: 'Di mana', words: 'Foto dan kata', send: 'Kirim' },
    otherKind: 'Jenis lain',
    allKinds: 'Semua jenis kejadian',
    here: 'Ambil lokasi saya',
    locating: 'Mencari lokasi…',
    located: (accuracy) => `Lokasi didapat, ketelitian ${accuracy}`,
    notLocated: 'Lokasi belum didapat. Pilih desa saja, atau coba di tempat terbuka.',
    gpsRefused: 'Izin lokasi belum diberikan. Pilih desa saja.',
    village: 'Cari desa',
    villageHint: 'ketik nama desa',
    noVillageFound: 'Tidak ada desa dengan nama itu',
    landmark: 'Patokan',
    landmarkHint: 'dekat masjid, km 7, steher…',
    text: 'Apa yang terjadi',
    textHint: 'Singkat saja: berapa orang, apa bahayanya',
    next: 'Lanjut',
    send: 'Kirim ke 112',
    sent: 'Laporan tersimpan di HP, dikirim begitu ada sinyal',
    missingWhat: 'Jenis kejadian belum dipilih',
    missingWhere: 'Lokasi belum diisi',
    missingWords: 'Tanpa kata dan foto',
    discard: 'Buang isian',
    discarded: 'Isian dibuang',
    summary: 'Yang akan dikirim',
    removePlace: 'Hapus lokasi',
  },
  file: {
    fetch: (size) => `Ambil utuh (${size})`,
    fetchAgain: (size) => `Ambil lagi (${size})`,
    asked: 'Diminta. Datang saat ada sinyal.',
    preview: 'pratinjau',
    saved: 'hanya di HP ini, menunggu sinyal',
    sending: (done, all, age) => `sedang dikirim: ${done} dari ${all} di 112, ${age}`,
    received: 'utuh di 112, masih di HP ini',
    receivedGone: 'utuh di 112, tidak lagi di HP ini',
    refused: '112 belum bisa menerimanya. Masih di HP ini, dicoba lagi sendiri.',
    damaged: 'rusak di HP ini dan tidak dikirim. Ambil fotonya lagi.',
    notAtCenter: 'belum sampai di 112, masih di HP pengirim',
    offered: 'utuh di 112, belum di HP ini',
    waits: 'diminta, datang saat ada sinyal',
    fetching: (done, all, age) => `sedang diambil: ${done} dari ${all} di HP ini, ${age}`,
    fetched: 'utuh di HP ini',
    progress: 'kemajuan',
  },
  packs: {
    title: 'Paket peta',
    none: 'Belum ada paket peta untuk unit ini.',
    used: (size, age) => `dipakai di peta (${size}), dari ${age}`,
    notYet: 'belum di HP ini',
    newer: 'Ada yang lebih baru:',
    unreadable: (name) => `${name} tidak terbaca dan tidak digambar. Minta pusat mengirimnya lagi.`,
    unasked: 'Foto utuh dan paket peta',
    unaskedText: 'Pratinjau kecil selalu datang sendiri. Yang utuh bisa menghabiskan kuota.',
    choices: { free: 'Sendiri di WiFi', always: 'Selalu sendiri', never: 'Hanya bila diminta' },
  },
  map: {
    label: 'Peta luring',
    here: 'Posisi saya',
    noHere: 'Posisi belum diketahui',
    what: 'posisi',
    incidents: 'Kejadian',
    posts: 'Pos',
    facilities: 'RSUD, puskesmas, faskes',
    trail: (n) => `Jejak: ${n} titik`,
    empty: 'Belum ada tempat di HP ini. Sambungkan sekali ke pusat.',
    toHere: 'Ke posisi saya',
    openTask: 'Buka tugas',
    offline: 'Peta ini tersimpan di HP',
  },
  me: {
    duty: 'Piket',
    onDuty: 'Sedang piket',
    offDuty: 'Tidak sedang piket',
    since: (time) => `sejak ${time}`,
    until: (time) => `sampai ${time}`,
    relief: 'Pengganti',
    noRelief: 'Belum ada pengganti di jadwal',
    go: 'Naik piket',
    leave: 'Lepas piket',
    goTitle: 'Naik piket',
    leaveTitle: 'Lepas piket',
    post: 'Pos',
    person: 'Nama petugas',
    otherPerson: 'Nama lain',
    wentOn: 'Naik piket: tersimpan di HP',
    wentOff: 'Lepas piket: tersimpan di HP',
    leaveReason: 'Alasan',
    leaveEmpty: 'Tidak ada petugas lain di pos. Bila kamu lepas sekarang, pos KOSONG.',
    reasons: { end: 'Giliran selesai, pengganti di jalan', sick: 'Sakit', emergency: 'Keadaan darurat keluarga', supervisor: 'Diminta supervisor' },
    posts: 'Pos saya',
    allPosts: 'Semua pos',
    staffed: 'Ada petugas',
    endingSoon: (time) => `Giliran habis ${time}`,
    empty: 'KOSONG',
    expected: (names) => `Seharusnya: ${names}`,
    nobodyExpected: 'Tidak ada di jadwal',
    knownAt: (age) => `jadwal diperbarui ${age}`,
    sync: 'Kiriman',
    syncNow: 'Kirim sekarang',
    syncDone: 'Sudah dicoba',
    saved: (n) => `${n} tersimpan di HP`,
    sent: (n) => `${n} terkirim, belum dijawab`,
    files: (n) => `${n} foto menunggu`,
    fixes: (n) => `${n} titik jejak menunggu`,
    kept: (n) => `${n} menunggu 112 diperbarui`,
    parked: (n) => `${n} di 112, menunggu data sebelumnya atau giliran masuk`,
    refused: (n) => `${n} tidak diterima 112`,
    none: 'Tidak ada yang menunggu',
    lastExchange: 'Terakhir tersambung',
    lastReceipt: 'Terakhir diterima 112',
    never: 'belum pernah',
    silent: 'Pusat belum menjawab lagi',
    showWaiting: 'Lihat yang menunggu',
    disputes: 'Berbeda pendapat',
    noDisputes: 'Tidak ada yang berbeda',
    language: 'Bahasa',
    theme: 'Tampilan',
    themes: { auto: 'Ikut HP', day: 'Siang', night: 'Malam', red: 'Merah', contrast: 'Kontras' },
    textSize: 'Ukuran huruf',
    selftest: 'Periksa HP',
    gps: 'GPS',
    gpsOk: (accuracy) => `ketelitian ${accuracy}`,
    gpsNone: 'belum ada posisi',
    gpsRefused: 'izin lokasi belum diberikan',
    clock: 'Jam HP',
    clockOk: 'cocok dengan pusat',
    clockOff: (seconds) => `beda ${seconds} detik dari pusat; waktu dibetulkan`,
    clockUnknown: 'belum dibandingkan dengan pusat',
    device: 'HP ini',
    reasonOther: 'Alasan lain',
  },
  sos: {
    title: 'SOS: petugas dalam bahaya',
    hold: 'Tahan untuk SOS',
    holding: 'Tahan terus…',
    explain: 'Tahan tombol 1,5 detik. Posisi dan namamu dikirim paling dulu.',
    active: (time) => `SOS sejak ${time}`,
    heldAgain: (time) => `Ditahan lagi ${time}`,
    explainAgain: 'Masih bahaya atau pindah tempat? Tahan lagi: posisi baru dikirim dan bunyi lagi di 112.',
    holdAgain: 'Tahan untuk SOS lagi',
    notAnswered: 'Belum dijawab 112',
    answered: '112 menjawab',
    cancel: 'Batalkan SOS',
    cancelTitle: 'Kenapa dibatalkan?',
    cancelReasons: { safe: 'Sudah aman', mistake: 'Salah tekan', test: 'Latihan' },
    cancelConfirm: 'SOS baru berhenti setelah alasan dipilih.',
    cancelled: 'SOS dibatalkan: tersimpan di HP',
  },
  outbox: {
    title: 'Yang menunggu',
    why: 'Kenapa menunggu',
    whySaved: {
      silent: 'Menunggu sinyal. Dikirim sendiri begitu tersambung.',
      no_signal: 'Tidak ada sinyal. Dikirim sendiri begitu ada.',
      unknown: 'Belum mencoba menghubungi pusat.',
      reached: 'Belum diterima 112. Dikirim begitu tersambung.',
      not_our_center: 'Yang menjawab bukan pusat 112 kita (mungkin halaman masuk Wi-Fi).',
      revoked: 'Pusat menutup akses HP ini. Hubungi pusat 112.',
      update_needed: 'Aplikasi perlu diperbarui. Yang tersimpan tetap aman.',
      clock_wrong: 'Jam HP ini salah, pusat belum bisa dihubungi. Atur tanggal dan jam HP ke otomatis. Yang tersimpan tetap aman.',
    },
    whySent: 'Sudah keluar dari HP, menunggu tanda terima.',
    whyKept: 'Pusat belum mengenal catatan jenis ini. Disimpan di HP dan dikirim sendiri sesudah 112 diperbarui.',
    whyParked: 'Sudah di pusat, tetapi belum masuk catatan: pusat menunggu data sebelumnya dari HP ini, atau HP ini mengirim terlalu banyak sekaligus. Masuk sendiri.',
    empty: 'Semua sudah diterima 112',
    emptyText: 'Tidak ada yang hanya tersimpan di HP ini.',
    size: 'Ukuran',
    urgent: 'paling dulu',
  },
  disputes: {
    title: 'Berbeda pendapat',
    intro: 'Dua orang mencatat hal berbeda tanpa saling melihat. Keduanya disimpan. Pilih yang benar.',
    choose: 'Pilih ini',
    chosen: 'Pilihan tersimpan di HP',
    shown: 'yang ditampilkan',
    writtenBy: (name, time) => `${name}, ${time}`,
    empty: 'Tidak ada yang berbeda',
    emptyText: 'Bila dua orang mencatat hal berbeda, tampil di sini.',
    centerTime: (time) => `waktu pusat ${time}`,
  },
};
