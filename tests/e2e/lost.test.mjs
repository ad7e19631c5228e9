// A phone that lost the key of its home: what was not sent stays sealed and set aside, the phone is enrolled anew by an
// invitation, and the console tells. And what stands above every screen when the data of a phone were damaged.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, look, lookAtDesk, lookInThemes, lookLarge, MONITOR, open, signIn, TALL_PHONE } from './support/browser.mjs';
import { Stage, until } from './support/programs.mjs';

/** Written in the dead zone, and on no other disk than this phone's. */
const UNSENT = ['Dua lansia di lantai dua', 'Jembatan gantung hanyut', 'Perlu perahu kedua'];

const stage = new Stage();
let browser;
let center;
let ambulance;
let field;
let desk;
let incident;
let task;

before(async () => {
  browser = await launch();
  center = await stage.center();
  ambulance = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
  await ambulance.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');
  const called = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'air naik', unit: 'AMB-01' });
  incident = called.incident;
  task = called.assignment;
  await until('the order', async () => (await ambulance.ask('tasks')).length === 1);
  await ambulance.ask('accept', { id: task });
  await ambulance.ask('note', { id: incident, text: 'Sebelum sinyal hilang' });
  await until('quiet', async () => (await ambulance.ask('outbox')).items.length === 0);
});
after(async () => {
  await browser?.close();
  await stage.close();
});

const notes = async () => (await center.get(`/api/incidents/${incident}`)).incident.notes.map((note) => note.text);

/** Every file that was set aside in the home, by its path in there. */
function setAside() {
  const found = new Map();
  for (const folder of readdirSync(ambulance.home).filter((name) => name.startsWith('damaged-'))) {
    for (const name of readdirSync(join(ambulance.home, folder))) found.set(join(folder, name), readFileSync(join(ambulance.home, folder, name)));
  }
  return found;
}
const hashed = (files) => [...files].map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]);
let kept;

test('a phone without the key of its home sets it aside sealed, says so, and asks to be enrolled anew', async () => {
  await ambulance.offline(true);
  for (const text of UNSENT) await ambulance.ask('note', { id: incident, text });
  await ambulance.stop();
  rmSync(join(ambulance.home, 'store.key'));

  await stage.serves(ambulance);

  const home = await ambulance.ask('home');
  assert.equal(home.me, null, 'nothing of who it was can be read');
  assert.equal(home.health.home_lost.saved, 0);
  assert.ok(home.health.home_lost.lost >= 1);
  kept = setAside();
  const database = [...kept.keys()].find((path) => path.endsWith('siaga.db'));
  assert.ok(database !== undefined, `the old database is kept: ${[...kept.keys()]}`);
  for (const bytes of kept.values()) {
    for (const text of [...UNSENT, 'Ani Lestari', 'SQLite format 3']) assert.equal(bytes.includes(text), false, 'what is kept is sealed');
  }

  field = await open(browser, ambulance.address, TALL_PHONE);
  await field.getByRole('alert').getByText('Data di HP ini rusak', { exact: false }).waitFor();
  await field.getByText('0 catatan diselamatkan, sekurangnya 1 tidak terbaca. Hubungi pusat 112.', { exact: false }).waitFor();
  await field.getByRole('heading', { name: 'Daftarkan HP ini' }).waitFor();
  await lookLarge(field, 'phone: lost home');
  await field.getByRole('button', { name: 'English' }).click();
  await field.getByRole('alert').getByText('The data on this phone were damaged', { exact: false }).waitFor();
  await lookLarge(field, 'phone: lost home en');
  await field.getByRole('button', { name: 'Bahasa Indonesia' }).click();
});

test('an invitation makes it a phone of its unit again, and nothing of the sealed home is said to be sent', async () => {
  const name = 'HP Ambulans 1 baru';
  const invitation = await center.command(['invite', '--unit', 'AMB-01', '--role', 'medic', '--name', name, '--unattended', '--field-url', center.field]);

  await field.getByLabel('Tautan undangan').fill(invitation.link);
  await field.getByRole('button', { name: 'Daftarkan', exact: true }).click();
  await field.getByRole('heading', { name: 'Cocokkan angka ini' }).waitFor();
  await look(field, 'phone: enrolled anew');
  await field.getByRole('button', { name: 'Mulai', exact: true }).click();

  await until('its task', async () => (await ambulance.ask('tasks')).some((one) => one.id === task));
  await ambulance.ask('note', { id: incident, text: 'HP sudah didaftarkan lagi' });
  await until('the new note', async () => (await notes()).includes('HP sudah didaftarkan lagi'));
  assert.deepEqual((await notes()).sort(), ['HP sudah didaftarkan lagi', 'Sebelum sinyal hilang']);
  await until('quiet', async () => (await ambulance.ask('outbox')).items.length === 0);
  await field.getByText('Data di HP ini rusak', { exact: false }).waitFor();
  assert.deepEqual(hashed(setAside()), hashed(kept), 'what was set aside is untouched');
});

test('the console names the phone whose data were lost, and the one it was before is closed there', async () => {
  desk = await open(browser, center.url, MONITOR);
  await signIn(desk, 'supervisor');
  await desk.locator('#queue').waitFor();

  const alert = desk.getByRole('button', { name: /Data di HP rusak.*AMB-01 · HP Ambulans 1 baru/s });
  await alert.click();

  await desk.getByRole('heading', { name: 'HP petugas' }).waitFor();
  await lookAtDesk(desk, 'console: lost home');
  await desk.getByRole('button', { name: 'Tutup akses, AMB-01 HP Ambulans 1', exact: true }).click();
  await until('the old phone closed', async () => {
    const devices = await center.get('/api/devices');
    return devices.find((one) => one.name === 'HP Ambulans 1').state === 'revoked';
  });
  const states = (await center.get('/api/devices')).filter((one) => one.unit === 'AMB-01').map((one) => `${one.name}: ${one.state}`);
  assert.deepEqual(states.sort(), ['HP Ambulans 1 baru: confirmed', 'HP Ambulans 1: revoked']);
  assert.deepEqual(desk.errors, []);
});

test('everything that befell a phone stands above its screens and leaves room for them at twice the text size', async () => {
  await ambulance.stop();
  // Three starts of this boot that came to nothing, of a process that is not there.
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const line = `${boot} ${Number(process.hrtime.bigint() / 1_000_000n)} 0\n`;
  writeFileSync(join(ambulance.home, 'siaga.starts'), line.repeat(3));
  await stage.serves(ambulance);
  await ambulance.offline(true);
  const damaged = (state) => `INSERT INTO damaged (hash, record, bytes, found_ms, state) VALUES (randomblob(32), randomblob(16), x'00', 1, '${state}')`;
  await ambulance.alter(damaged('open'), damaged('lost'), damaged('lost'));

  await field.goto('about:blank');
  await field.goto(ambulance.address);
  await field.getByText('Mode aman.').waitFor();
  await field.getByText('1 catatan rusak di HP, sedang diminta lagi dari pusat.').waitFor();
  await field.getByText('2 catatan rusak sebelum terkirim.', { exact: false }).waitFor();

  await lookInThemes(field, ambulance, 'phone: health');
  await ambulance.ask('set_preferences', { preferences: { language: 'en', theme: 'day', text_percent: 200 } });
  await field.waitForFunction(() => document.documentElement.style.getPropertyValue('--text-scale') === '2');
  const [main, all] = await field.evaluate(() => [document.querySelector('main').clientHeight, innerHeight]);
  assert.ok(main >= all / 4, `${main} of ${all} px are left for the screen`);
  assert.deepEqual(field.errors, []);
});
