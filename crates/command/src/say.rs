//! Answers in words: Bahasa Indonesia, short lines, every fact with its age.
//!
//! The words are those of the glossary. What is here is for a person at a terminal; programs use `--json`.

mod word;

use siaga_domain::place::Village;
use siaga_domain::record::identity::IdentityFieldName;
use siaga_domain::roster::PostState;
use siaga_domain::time::UtcMs;
use siaga_domain::vitals::Sign;
use siaga_field::Failure;
use siaga_field::view::{
    AssessmentScreen, DisputeItem, DutyScreen, Enrolled, FileStage, FileState, Fix, FixTaken, Health, Home, Outbox,
    Pack, PatientAdded, PatientBrief, PatientScreen, Step, SyncReport, SyncState, Task, TaskBrief, Trail, Whereabouts,
    Written,
};
use word::{age, clock, compass, delivery, number, reach, status, triage};

pub(crate) fn written(written: &Written) -> Vec<String> {
    vec![format!("Tersimpan di HP. {}  (entri {})", written.id, written.entry)]
}

pub(crate) fn patient_added(added: &PatientAdded) -> Vec<String> {
    let mut lines = vec![format!("Pasien tersimpan di HP. {}", added.id)];
    if !added.warnings.is_empty() {
        let codes: Vec<&str> = added.warnings.iter().map(|warning| warning.code()).collect();
        lines.push(format!("Periksa NIK: {} (tetap disimpan)", codes.join(" ")));
    }
    lines
}

pub(crate) fn enrolled(enrolled: &Enrolled) -> Vec<String> {
    vec![
        format!("Kode: {}", enrolled.code),
        format!("Cocokkan dengan layar {}.", enrolled.center_name),
        format!("HP ini: {} ({}, {})", enrolled.name, enrolled.unit, enrolled.role),
    ]
}

pub(crate) fn failure(failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!("Gagal: {}", word::failure(failure.code))];
    match &failure.argument {
        Some(argument) => lines.push(format!("{argument}: {}", failure.detail)),
        None => lines.push(failure.detail.clone()),
    }
    lines.push(failure.remedy.clone());
    lines
}

pub(crate) fn synced(report: &SyncReport) -> Vec<String> {
    let mut lines = vec![format!(
        "{}. Terkirim {}, diterima 112 {}, baru dari 112 {} ({} B naik, {} B turun).",
        reach(report.reach),
        report.sent_changes,
        report.receipted_changes,
        report.received_changes,
        report.bytes_up,
        report.bytes_down
    )];
    if report.refused_changes > 0 {
        lines.push(format!("{} tidak diterima 112; lihat outbox.", report.refused_changes));
    }
    if report.saved_left > 0 {
        lines.push(format!("{} menunggu sinyal, tersimpan di HP.", report.saved_left));
    }
    lines
}

pub(crate) fn size(bytes: u64) -> String {
    format!("{} KB", bytes.div_ceil(1024))
}

/// Where a file is, and how far it got.
pub(crate) fn file(file: &FileState) -> String {
    let of = format!("{} dari {}", size(file.done_bytes), size(file.size_bytes));
    let words = match file.stage {
        FileStage::Saved => "tersimpan di HP, menunggu sinyal".to_owned(),
        FileStage::Sending => format!("sedang dikirim, {of} di 112"),
        FileStage::Received if file.here => "diterima 112, masih di HP".to_owned(),
        FileStage::Received => "diterima 112, tidak lagi di HP".to_owned(),
        FileStage::Refused => "belum bisa diterima 112, dicoba lagi".to_owned(),
        FileStage::Damaged => "rusak di HP, tidak dikirim".to_owned(),
        FileStage::NotAtCenter => "belum ada di 112".to_owned(),
        FileStage::Offered => format!("ada di 112, {}, belum diminta", size(file.size_bytes)),
        FileStage::Fetching => format!("sedang diambil, {of}"),
        FileStage::Fetched => "ada di HP".to_owned(),
    };
    format!("{}: {words}.", file.sha256)
}

pub(crate) fn packs(packs: &[Pack]) -> Vec<String> {
    if packs.is_empty() {
        return vec!["Belum ada paket peta untuk unit ini.".to_owned()];
    }
    let mut lines = Vec::new();
    for pack in packs {
        let used = if pack.in_use.is_some() { "dipakai peta" } else { "belum di HP" };
        lines.push(format!("{}: {used}, {}.", pack.name, size(pack.size_bytes)));
        lines.extend(pack.newer.as_ref().map(|newer| format!("  {}", file(newer))));
    }
    lines
}

fn sync_state(sync: &SyncState, now: UtcMs) -> String {
    let exchange = sync.last_exchange_ms.map_or_else(|| "belum pernah".to_owned(), |at| age(at, now));
    format!(
        "{}. Tersimpan di HP {}, terkirim {}, tidak diterima {}. Hubungan terakhir {exchange}.",
        reach(sync.reach),
        sync.saved,
        sync.sent,
        sync.refused
    )
}

pub(crate) fn home(home: &Home) -> Vec<String> {
    let mut told = health(&home.health, home.now_ms);
    let Some(me) = &home.me else {
        told.push("HP ini belum terdaftar. Pakai: enrol LINK".to_owned());
        return told;
    };
    let duty = me.duty.as_ref().map_or_else(
        || "tidak piket".to_owned(),
        |duty| format!("piket di {} ({}) sejak {}", duty.post_name, duty.person, age(duty.since_ms, home.now_ms)),
    );
    let mut lines = vec![
        format!("{} · {} · {}", me.unit_name, me.device_name, me.center_name),
        duty,
        sync_state(&home.sync, home.now_ms),
    ];
    lines.append(&mut told);
    if home.sos.is_some() {
        lines.push("SOS AKTIF".to_owned());
    }
    for notice in &home.cancellations {
        lines.push(format!("DIBATALKAN: {}  {}; lihat acknowledge.", notice.reason, notice.task));
    }
    if home.dispute_count > 0 {
        lines.push(format!("{} perbedaan perlu dipilih; lihat disputes.", home.dispute_count));
    }
    lines.extend(tasks(&home.tasks));
    for report in &home.reports {
        let state = report.delivery.as_ref().map_or_else(|| "belum diketahui".to_owned(), delivery);
        lines.push(format!("Laporan saya: {}  {state}", report.incident));
    }
    lines
}

/// What befell this phone's data, in plain words; nothing when nothing did.
fn health(health: &Health, now: UtcMs) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(lost) = &health.home_lost {
        let unread = match lost.lost {
            0 => String::new(),
            lost => format!(" Sekurangnya {lost} catatan tidak terbaca."),
        };
        let when = age(lost.at_ms, now);
        lines.push(format!("DATA DI HP INI RUSAK ({when}). {} catatan diselamatkan.{unread} Hubungi 112.", lost.saved));
    }
    if health.damaged_waiting > 0 {
        lines.push(format!("{} catatan rusak di HP, sedang diminta dari 112.", health.damaged_waiting));
    }
    if health.damaged_lost > 0 {
        lines.push(format!("{} catatan HP ini rusak dan belum terkirim; catat ulang.", health.damaged_lost));
    }
    if health.safe_start {
        lines.push(
            "Mode aman: aplikasi berulang kali berhenti. Foto dan peta menunggu; catatan tetap dikirim.".to_owned(),
        );
    }
    lines
}

pub(crate) fn tasks(tasks: &[TaskBrief]) -> Vec<String> {
    if tasks.is_empty() {
        return vec!["Tidak ada tugas.".to_owned()];
    }
    tasks.iter().map(task_line).collect()
}

fn task_line(task: &TaskBrief) -> String {
    let mut parts = vec![
        task.id.clone(),
        format!("P{}", task.priority),
        task.category.map_or("(jenis belum ada)", |category| category.code()).to_owned(),
    ];
    parts.extend(place(&task.whereabouts));
    parts.push(task.status.map_or("belum dijawab", status).to_owned());
    if task.overdue {
        parts.push("LEWAT WAKTU".to_owned());
    }
    if let Some(reason) = &task.cancelled {
        parts.push(format!("dibatalkan: {reason}"));
    }
    if let Some(state) = &task.delivery {
        parts.push(delivery(state));
    }
    parts.join("  ")
}

fn place(place: &Whereabouts) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(village) = &place.village {
        parts.push(format!("{}, {}", village.name, village.district));
    }
    parts.extend(place.landmark.clone());
    if let Some((metres, wind)) = place.distance_m.zip(place.compass) {
        let rough = if place.distance_approximate { "± " } else { "" };
        parts.push(format!("{rough}{} km {}", number(metres / 1000.0), compass(wind)));
    }
    parts
}

pub(crate) fn task(task: &Task) -> Vec<String> {
    let mut lines = vec![task_line(&task.brief), task.brief.narrative.clone()];
    if !task.dispatcher_text.is_empty() {
        lines.push(format!("Dari {}: {}", task.brief.ordered_by, task.dispatcher_text));
    }
    lines.extend(task.steps.iter().map(step_line));
    if let Some(next) = task.brief.next {
        lines.push(format!("Berikutnya: {} ({next})", status(next)));
    }
    lines.extend(task.patients.iter().map(patient_line));
    for assessment in &task.assessments {
        let village = assessment.village.as_ref().map_or("", |village| village.name.as_str());
        lines.push(format!("Kaji cepat {village}  {}  {}", assessment.by, assessment.id));
    }
    for unit in &task.other_units {
        lines.push(format!("Unit lain: {}  {}", unit.unit, unit.status.map_or("belum dijawab", status)));
    }
    lines
}

fn step_line(step: &Step) -> String {
    let Some(at) = step.at_ms else { return format!("( ) {}", status(step.status)) };
    let state = step.delivery.as_ref().map_or_else(|| "belum diketahui".to_owned(), delivery);
    let entry = step.entry.clone().unwrap_or_default();
    let outcome = step.outcome.as_ref().map(|outcome| format!(" ({})", outcome.code())).unwrap_or_default();
    format!("(x) {}{outcome}  {}  {state}  {entry}", status(step.status), clock(at))
}

fn patient_line(patient: &PatientBrief) -> String {
    let disputed = if patient.disputed { "  BERBEDA" } else { "" };
    format!(
        "Pasien {} {}  {}{disputed}  {}",
        word::patient(&patient.name),
        if patient.label.is_empty() { "tanpa nama" } else { &patient.label },
        patient.triage.map_or("belum ditriase", triage),
        patient.id
    )
}

pub(crate) fn patient(screen: &PatientScreen) -> Vec<String> {
    let patient = &screen.patient;
    let mut lines = vec![patient_line(&screen.brief)];
    if let Some(nik) = &screen.nik_masked {
        lines.push(format!("NIK {nik}"));
    }
    if let Some(address) = screen.identity.as_ref().and_then(|identity| identity.field(IdentityFieldName::Address)) {
        lines.push(format!("Alamat {address}"));
    }
    lines.extend(patient.complaint.as_ref().map(|complaint| format!("Keluhan utama: {}", complaint.value)));
    for taken in &patient.vitals {
        let said = |sign: &Sign| Some(format!("{sign} {}", word::measured(taken.vitals.of(*sign)?)));
        let signs: Vec<String> = Sign::ALL.iter().filter_map(said).collect();
        lines.push(format!("{}  {}", clock(taken.author.at_ms), signs.join("  ")));
    }
    for given in &patient.treatments {
        lines.push(format!("Tindakan: {} {}", given.what, given.dose.as_deref().unwrap_or_default()));
    }
    for to in &patient.handovers {
        lines.push(format!("Serah terima: {} {}", to.receiver, to.facility.as_deref().unwrap_or_default()));
    }
    lines.extend(patient.notes.iter().map(|note| format!("Catatan: {}", note.text)));
    lines
}

pub(crate) fn assessment(screen: &AssessmentScreen) -> Vec<String> {
    let village = screen.brief.village.as_ref().map_or_else(
        || screen.assessment.village.to_string(),
        |village| format!("{}, {}", village.name, village.district),
    );
    let mut lines = vec![format!("Kaji cepat {village}  {}  {}", screen.brief.by, clock(screen.brief.at_ms))];
    for seen in &screen.assessment.numbers {
        let disputed = if seen.count.is_disputed() { "  BERBEDA" } else { "" };
        lines.push(format!("{} {}  {}{disputed}", seen.metric, seen.count.value, word::quality(seen.quality)));
    }
    lines.extend(screen.assessment.needs.iter().map(|need| format!("Kebutuhan mendesak: {}", need.text)));
    lines
}

pub(crate) fn duty(screen: &DutyScreen) -> Vec<String> {
    let mut lines = vec![
        screen
            .duty
            .as_ref()
            .map_or_else(|| "Tidak piket.".to_owned(), |duty| format!("Piket di {}: {}", duty.post_name, duty.person)),
    ];
    for view in &screen.posts {
        let state = match &view.status {
            PostState::Staffed { people, .. } => people.join(", "),
            PostState::EndingSoon { people, .. } => format!("{} (hampir selesai)", people.join(", ")),
            PostState::Empty { expected, .. } if expected.is_empty() => "POS KOSONG".to_owned(),
            PostState::Empty { expected, .. } => format!("POS KOSONG, dijadwalkan {}", expected.join(", ")),
        };
        let mine = if view.mine { "*" } else { " " };
        lines.push(format!("{mine} {}  {}  {state}", view.post.code, view.post.name));
    }
    for shift in &screen.shifts {
        let people: Vec<&str> = shift.planned.iter().map(|planned| planned.name.as_str()).collect();
        lines.push(format!(
            "  {}  {} - {}  {}",
            shift.post,
            clock(shift.from_ms),
            clock(shift.until_ms),
            people.join(", ")
        ));
    }
    lines
}

pub(crate) fn fix_taken(taken: &FixTaken) -> Vec<String> {
    let line = match (taken.kept, taken.next_ms) {
        (true, _) => "Posisi tersimpan di HP.".to_owned(),
        (false, Some(ms)) => format!("Posisi belum perlu; berikutnya dalam {} detik.", (ms + 999) / 1000),
        (false, None) => "Tidak bertugas: posisi tidak disimpan.".to_owned(),
    };
    vec![line]
}

pub(crate) fn trail(trail: &Trail) -> Vec<String> {
    if trail.fixes.is_empty() {
        return vec!["Belum ada jejak.".to_owned()];
    }
    trail.fixes.iter().map(fix_line).collect()
}

fn fix_line(fix: &Fix) -> String {
    let received = if fix.received { "diterima 112" } else { "tersimpan di HP" };
    let accuracy = fix.position.accuracy_m().map(|metres| format!("±{metres} m  ")).unwrap_or_default();
    format!("{}  {:.6} {:.6}  {accuracy}{received}", clock(fix.at_ms), fix.position.lat(), fix.position.lon())
}

pub(crate) fn outbox(outbox: &Outbox) -> Vec<String> {
    let mut lines = vec![format!(
        "{}. Tersimpan di HP {}, terkirim {}, tidak diterima {}; berkas {}, posisi {}.",
        reach(outbox.sync.reach),
        outbox.sync.saved,
        outbox.sync.sent,
        outbox.sync.refused,
        outbox.sync.attachments_waiting,
        outbox.sync.fixes_waiting
    )];
    for item in &outbox.items {
        lines.push(format!(
            "{}  {}: {}  {} B  {}",
            item.record,
            item.kind,
            item.entries.join(" "),
            item.size_bytes,
            delivery(&item.delivery)
        ));
    }
    lines
}

pub(crate) fn disputes(items: &[DisputeItem]) -> Vec<String> {
    if items.is_empty() {
        return vec!["Tidak ada perbedaan.".to_owned()];
    }
    let mut lines = Vec::new();
    for item in items {
        lines.push(format!("{}  {}  {}", item.id, item.kind, item.dispute.field));
        for choice in &item.dispute.choices {
            lines.push(format!(
                "    {}  {}  {}  {}",
                choice.value,
                choice.author.by,
                clock(choice.author.at_ms),
                choice.author.entry
            ));
        }
    }
    lines
}

pub(crate) fn villages(villages: &[Village]) -> Vec<String> {
    if villages.is_empty() {
        return vec!["Tidak ada desa dengan nama itu.".to_owned()];
    }
    villages.iter().map(|village| format!("{}  {}, {}", village.code, village.name, village.district)).collect()
}
