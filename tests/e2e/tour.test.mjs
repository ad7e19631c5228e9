// A tour of every screen: by day, at night, for night eyes and in high contrast, in both languages, at twice the text
// size. Each is looked at by axe; with SIAGA_PICTURES=docs the pictures become docs/tour.md.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, launch, MONITOR, open, PHONE, picture, pictures } from './support/browser.mjs';
import { Stage, until } from './support/programs.mjs';

const stage = new Stage();
let browser;
let center;
let phone;
const seen = [];

/** Everything a screen may have to show: a flood, a crash, patients who are disputed, an assessment, notes. */
const ids = {};

before(async () => {
  browser = await launch();
  center = await stage.center();
  phone = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
  const second = await stage.phone(center, { name: 'HP Ambulans 1b', unit: 'AMB-01', role: 'medic' });
  await phone.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');
  await second.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Budi Santoso');
  const way = [[-1.813, 109.958], [-1.822, 110.2], [-1.83, 110.45], [-1.8358, 110.5993]];
  for (const [at, [lat, lon]] of way.entries()) {
    const time = new Date(Date.now() - (way.length - at) * 60_000).toISOString();
    await phone.run('fix', '--lat', `${lat}`, '--lon', `${lon}`, '--accuracy', '12', '--at', time);
  }
  const flood = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'Air naik sampai pinggang, ibu hamil di lantai dua', landmark: 'dekat masjid', unit: 'AMB-01' });
  const crash = await center.call({ category: 'LAKA-LUKA', village: '61.04.12.2008', narrative: 'Dua motor, satu tidak sadar', landmark: 'Jl. Pelang km 7', priority: '2' });
  Object.assign(ids, { incident: flood.incident, task: flood.assignment, crash: crash.incident });
  await until('the task on both phones', async () => (await phone.ask('tasks')).length === 1 && (await second.ask('tasks')).length === 1);
  await phone.ask('accept', { id: ids.task });
  await phone.ask('press', { id: ids.task, status: 'enroute' });
  const { id: patient } = await phone.ask('add_patient', { incident: ids.incident, name: 'Siti Aminah', sex: 'P', age_years: 28, complaint: 'hamil 8 bulan, menggigil', nik: '6104145508940002' });
  ids.patient = patient;
  await phone.ask('vitals', { id: patient, vitals: { hr: 118, rr: 24, sbp: 96, dbp: 60, spo2: 93, temp: 35.4, avpu: 'A' } });
  await phone.ask('treat', { id: patient, what: 'Selimut', dose: '1' });
  const { id: assessment } = await phone.ask('assess', {
    incident: ids.incident,
    village: '61.04.14.2015',
    numbers: [
      { metric: 'displaced_kk', value: 52, quality: 'estimate' },
      { metric: 'displaced', value: 197, quality: 'estimate' },
      { metric: 'houses_submerged', value: 381, quality: 'verified' },
      { metric: 'water_cm', value: 170, quality: 'verified' },
    ],
    needs: [{ text: 'Perahu karet', quantity: 2 }],
    note: 'latihan',
  });
  ids.assessment = assessment;
  await phone.ask('note', { id: ids.incident, text: 'Jembatan putus, hanya perahu' });
  await until('the patient on the second phone', () => second.ask('patient', { id: patient }).catch(() => undefined));
  await phone.offline(true);
  await second.offline(true);
  await phone.ask('triage', { id: patient, color: 'red' });
  await second.ask('triage', { id: patient, color: 'yellow' });
  await phone.offline(false);
  await second.offline(false);
  await until('the dispute', async () => (await phone.ask('disputes')).length === 1);
  await phone.offline(true);
  await phone.ask('press', { id: ids.task, status: 'onscene' });
});
after(async () => {
  writeTour();
  await browser?.close();
  await stage.close();
});

const screens = [
  ['tugas', () => '#/'],
  ['tugas-terbuka', () => `#/task/${ids.task}`],
  ['pasien', () => `#/patient/${ids.patient}/${ids.task}`],
  ['pasien-baru', () => `#/new_patient/${ids.incident}/${ids.task}`],
  ['kaji-cepat', () => `#/assess/${ids.incident}/${ids.task}`],
  ['kaji-cepat-terbuka', () => `#/assessment/${ids.assessment}/${ids.task}`],
  ['peta', () => '#/map'],
  ['lapor', () => '#/report'],
  ['saya', () => '#/me'],
  ['antrean', () => '#/outbox'],
  ['beda-pendapat', () => '#/disputes'],
];

/** One look at every screen of the phone. */
async function tour({ title, folder, preferences, only }) {
  await phone.ask('set_preferences', { preferences });
  const page = await open(browser, phone.address, { ...PHONE, deviceScaleFactor: 1 });
  await page.locator('main').first().waitFor();
  const shown = [];
  for (const [name, at] of screens.filter(([name]) => only === undefined || only.includes(name))) {
    const where = `field, ${title}: ${name}`;
    await page.evaluate((hash) => { location.hash = hash; }, at());
    await page.waitForLoadState('networkidle').catch(() => undefined);
    await page.locator('main').first().waitFor();
    await assertAccessible(page, where);
    await assertFits(page, where);
    await picture(page, `tour/${folder}/${name}.jpg`);
    shown.push(name);
  }
  assert.deepEqual(page.errors, []);
  await page.context().close();
  seen.push({ title, folder, shown, wide: false });
}

const plain = { language: 'id', theme: 'day', text_percent: 100 };

test('every screen of the phone by day', () => tour({ title: 'Siang', folder: 'siang', preferences: plain }));
test('every screen of the phone at night', () => tour({ title: 'Malam', folder: 'malam', preferences: { ...plain, theme: 'night' } }));
test('every screen of the phone for night eyes', () => tour({ title: 'Merah', folder: 'merah', preferences: { ...plain, theme: 'red' } }));
test('every screen of the phone in high contrast', () => tour({ title: 'Kontras', folder: 'kontras', preferences: { ...plain, theme: 'contrast' } }));
test('every screen of the phone in English', () => tour({ title: 'English', folder: 'english', preferences: { ...plain, language: 'en' } }));
test('every screen of the phone at twice the text size', () => tour({ title: 'Teks 200 %', folder: 'teks-200', preferences: { ...plain, text_percent: 200 } }));

test('the console by day and at night, in both languages', async () => {
  for (const [title, folder, language, colorScheme] of [
    ['Konsol, siang', 'konsol-siang', 'Bahasa Indonesia', 'light'],
    ['Konsol, malam', 'konsol-malam', 'Bahasa Indonesia', 'dark'],
    ['Console, English', 'console-english', 'English', 'light'],
  ]) {
    const page = await open(browser, center.url, MONITOR, { colorScheme });
    await page.getByRole('button', { name: language }).click();
    await assertAccessible(page, `${title}: sign-in`);
    await page.locator('input').nth(0).fill('supervisor');
    await page.locator('input').nth(1).fill('latihan-supervisor');
    await page.keyboard.press('Enter');
    await page.locator('#queue').waitFor();
    await page.getByText('Asam Jelai').first().click();
    await page.getByText('AMB-01').last().waitFor();
    await assertAccessible(page, `${title}: incident`);
    await picture(page, `tour/${folder}/kejadian.jpg`);
    await page.keyboard.press('n');
    await page.locator('form').first().waitFor();
    await assertAccessible(page, `${title}: intake`);
    await picture(page, `tour/${folder}/panggilan.jpg`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('p');
    await page.getByText('HP Ambulans 1b').first().waitFor();
    await assertAccessible(page, `${title}: devices`);
    await picture(page, `tour/${folder}/hp-petugas.jpg`);
    assert.deepEqual(page.errors, []);
    await page.context().close();
    seen.push({ title, folder, shown: ['kejadian', 'panggilan', 'hp-petugas'], wide: true });
  }
});

function writeTour() {
  const path = join(dirname(pictures), 'tour.md');
  const parts = seen.map(({ title, folder, shown, wide }) => {
    const image = (name) => `<img src="pictures/tour/${folder}/${name}.jpg" width="${wide ? 640 : 180}" alt="${title}: ${name.replaceAll('-', ' ')}">`;
    return `## ${title}\n\n${shown.map(image).join('\n')}\n`;
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `# A tour of every screen\n\nMade by \`SIAGA_PICTURES=docs node --test tests/e2e/tour.test.mjs\`, with the real engine and the real center. Every screen here was\nlooked at by axe-core, at 360 x 740 on the phone and 1440 x 900 at the center. Data are an exercise (*latihan*).\n\n${parts.join('\n')}`,
  );
}
