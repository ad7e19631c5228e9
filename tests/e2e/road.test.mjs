// The whole road in the browser: called in and assigned on the console, worked on the phone without signal, seen on
// the console when the signal is back. Real center, real engine, real pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, look, MONITOR, open, PHONE, picture, press, signIn } from './support/browser.mjs';
import { Stage, until } from './support/programs.mjs';

const stage = new Stage();
let browser;
let center;
let phone;
let field;
let desk;

before(async () => {
  browser = await launch();
  center = await stage.center();
  phone = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
  const team = await stage.phone(center, { name: 'HP TRC 1', unit: 'BPBD-01', role: 'volunteer' });
  const post = (await center.get('/api/units')).find((view) => view.unit.code === 'BPBD-01').unit.post;
  await team.run('duty', 'on', '--post', post, '--person', 'Budi Santoso');
  await team.run('fix', '--lat', '-1.8290', '--lon', '109.9720', '--accuracy', '9');
  await phone.ask('set_preferences', { preferences: { language: 'id', theme: 'day', text_percent: 100 } });
  field = await open(browser, phone.address, PHONE);
  desk = await open(browser, center.url, MONITOR);
});
after(async () => {
  await browser?.close();
  await stage.close();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });

test('an empty post is red on the phone and on the console', async () => {
  await field.getByText('Pos kosong: PSC 119 Delta Pawan').waitFor();
  await look(field, 'field: no tasks');

  await look(desk, 'console: sign-in');
  await signIn(desk, 'dispatcher');
  await desk.getByText('KOSONG').first().waitFor();
  await look(desk, 'console: desk');
});

test('going on duty makes the post staffed on both', async () => {
  await phone.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');

  await field.getByText('Pos kosong').waitFor({ state: 'detached' });
  await until('the console to show who is on duty', async () =>
    (await center.get('/api/posts')).some((view) => view.post.code === 'PSC-DELTAPAWAN' && view.status.state !== 'empty'),
  );
});

test('a call is taken on the console and the ambulance is sent with the keyboard', async () => {
  await desk.keyboard.press('n');
  await desk.getByRole('heading', { name: 'Panggilan baru' }).waitFor();
  await desk.getByPlaceholder('Cari jenis: banjir, laka, ular…').fill('banjir');
  await desk.keyboard.press('Enter');
  await desk.getByPlaceholder('Ketik nama desa atau kecamatan').fill('asam jelai');
  await desk.getByText('Asam Jelai').first().waitFor();
  await desk.keyboard.press('Enter');
  await desk.getByLabel('Patokan').fill('dekat masjid, hulu jembatan');
  await desk.getByLabel('Kata pelapor').fill('Air naik sampai pinggang, ibu hamil di lantai dua, satu orang luka');
  await desk.getByLabel('Nama', { exact: true }).fill('Pak Rahmat');
  await desk.getByLabel('Nomor HP').fill('081234567890');
  await desk.getByText('Prioritas 1').last().click();
  await look(desk, 'console: intake');
  await desk.keyboard.press('Control+Enter');

  await desk.getByRole('heading', { name: 'Tugaskan unit' }).waitFor();
  await look(desk, 'console: assign');
  await desk.getByRole('button', { name: /AMB-01/ }).last().click();
  await until('the assignment at the center', async () => (await center.get('/api/assignments?state=open')).length === 1);
});

test('the order fills the screen of the phone until somebody accepts it', async () => {
  const order = field.getByRole('alertdialog');
  await order.waitFor();
  await order.getByText('Banjir').first().waitFor();
  await look(field, 'field: new assignment');
  await picture(field, 'field-incoming');

  await press(field, order.getByRole('button', { name: 'Terima', exact: true }));

  await order.waitFor({ state: 'detached' });
  await button(field, 'Berangkat').waitFor();
  await look(field, 'field: task');
});

test('without signal the crew presses, logs a patient and an assessment, and is told what waits', async () => {
  await phone.offline(true);
  await press(field, button(field, 'Berangkat'));
  await button(field, 'Tiba di lokasi').waitFor();
  await press(field, button(field, 'Tiba di lokasi'));
  await button(field, 'Bertemu pasien').waitFor();
  await field.getByText(/menunggu sinyal|belum diterima 112/).first().waitFor();
  assert.equal((await phone.ask('home')).sync.saved, 2);
  await picture(field, 'field');

  await press(field, button(field, 'Pasien').first());
  await press(field, field.getByRole('button', { name: 'Perempuan' }));
  await field.getByRole('textbox', { name: 'Umur' }).fill('28');
  await field.getByLabel('Keluhan utama').fill('hamil 8 bulan, menggigil');
  await look(field, 'field: new patient');
  await press(field, button(field, 'Tambah pasien'));

  await press(field, field.getByRole('button', { name: /^Merah|Merah / }).first());
  await press(field, field.getByRole('button', { name: /Nadi/ }).first());
  for (const key of '124') await field.keyboard.press(key);
  await press(field, button(field, 'Pakai'));
  await press(field, button(field, 'Simpan 1 tanda vital'));
  await until('the vitals on the phone', async () => {
    const [{ id }] = await phone.ask('tasks');
    const { patients } = await phone.ask('task', { id });
    if (patients.length === 0) return false;
    const { patient } = await phone.ask('patient', { id: patients[0].id });
    return patient.vitals.length === 1 && patient.triage?.value === 'red';
  });
  await look(field, 'field: patient');
  await picture(field, 'field-patient');

  await field.goBack();
  await press(field, button(field, 'Kaji'));
  await press(field, field.getByRole('button', { name: /Mengungsi/ }));
  const more = field.getByRole('button', { name: /^(Tambah|Lebih)/ }).first();
  await more.click();
  await more.click();
  await look(field, 'field: assess');
  await picture(field, 'field-assess');
  await press(field, button(field, 'Simpan kaji cepat'));
  await until('the assessment on the phone', async () => {
    const [{ id }] = await phone.ask('tasks');
    return (await phone.ask('task', { id })).assessments.length === 1;
  });
  await look(field, 'field: assessment');

  const [assignment] = await center.get('/api/assignments?state=open');
  assert.deepEqual(assignment.events.map((event) => event.status).filter((status) => status !== 'seen'), ['accepted']);
});

test('when the signal is back the console has everything, once', async () => {
  await phone.offline(false);

  const assignment = await until('the presses at the center', async () => {
    const [one] = await center.get('/api/assignments?state=open');
    return one.events.some((event) => event.status === 'onscene') && one;
  });
  assert.deepEqual(assignment.events.map((event) => event.status).filter((status) => status !== 'seen'), ['accepted', 'enroute', 'onscene']);
  const detail = await until('patient and assessment at the center', async () => {
    const found = await center.get(`/api/incidents/${assignment.incident}`);
    return found.patients.length === 1 && found.assessments.length === 1 && found;
  });
  assert.equal(detail.patients[0].patient.triage.value, 'red');
  assert.equal(detail.patients[0].patient.vitals[0].vitals.hr, 124);
  await desk.getByText('Tiba di lokasi').first().waitFor();
  await desk.getByText('Pasien 1').first().waitFor();
  await field.getByText(/Semua diterima 112/).first().waitFor();
  await look(desk, 'console: incident');
  await picture(desk, 'console');
});

test('two people who disagree are shown to both and to the dispatcher, and a choice ends it', async () => {
  const second = await stage.phone(center, { name: 'HP Ambulans 1b', unit: 'AMB-01', role: 'medic' });
  await second.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Citra Dewi');
  const [{ id }] = await phone.ask('tasks');
  const [{ id: patient }] = (await phone.ask('task', { id })).patients;
  await until('the patient on the second phone', () => second.ask('patient', { id: patient }).catch(() => undefined));
  await phone.offline(true);
  await second.offline(true);
  await phone.ask('triage', { id: patient, color: 'yellow' });
  await second.ask('triage', { id: patient, color: 'black' });
  await phone.offline(false);
  await second.offline(false);

  await until('the dispute on the phone', async () => (await phone.ask('disputes')).length === 1);
  await until('the dispute on the second phone', async () => (await second.ask('disputes')).length === 1);
  await field.goto(`${phone.url}/#/patient/${patient}/${id}`);
  await field.getByText(/berbeda|Beda/i).first().waitFor();
  await look(field, 'field: dispute');
  await picture(field, 'field-dispute');
  await desk.getByText('Data berbeda, pilih yang benar').waitFor();
  await look(desk, 'console: dispute');
  await picture(desk, 'console-dispute');

  await phone.ask('resolve', { id: patient, field: 'triage', choice: 'yellow' });

  await until('the end of the dispute everywhere', async () =>
    (await phone.ask('disputes')).length === 0 &&
    (await second.ask('disputes')).length === 0 &&
    (await center.get('/api/incidents?state=open')).every((incident) => incident.dispute_count === 0),
  );
  await desk.getByText('Data berbeda, pilih yang benar').waitFor({ state: 'detached' });
});

test('phone and center hold the same, and neither page stumbled', async () => {
  const { digest } = await phone.ask('digest');
  const { device } = (await phone.ask('home')).me;
  await until('the same digest', async () => (await center.get(`/api/devices/${device}/digest`)).digest === (await phone.ask('digest')).digest);

  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(field.errors, []);
  assert.deepEqual(desk.errors, []);
});
