// What 112 did not simply take, on both pages: a change that waits for another, one that is overruled, one that is
// refused and written again. The real programs; only the home of a phone is altered behind its back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, lookAtDesk, lookInThemes, MONITOR, open, signIn, TALL_PHONE } from './support/browser.mjs';
import { Stage, until } from './support/programs.mjs';

const stage = new Stage();
let browser;
let center;
let ambulance;
let team;
let desk;
let incident;
let task;

before(async () => {
  browser = await launch();
  center = await stage.center();
  ambulance = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
  team = await stage.phone(center, { name: 'HP Desa 1', unit: 'BPBD-01', role: 'village' });
  await ambulance.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');
  const post = (await center.get('/api/units')).find((view) => view.unit.code === 'BPBD-01').unit.post;
  await team.run('duty', 'on', '--post', post, '--person', 'Budi Santoso');
  const called = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'air naik sampai pinggang', unit: 'AMB-01' });
  incident = called.incident;
  task = called.assignment;
  await center.post('/api/assignments', { incident, unit: 'BPBD-01' });
  await until('the orders', async () => (await ambulance.ask('tasks')).length === 1 && (await team.ask('tasks')).length === 1);
  await ambulance.ask('accept', { id: task });
  await team.ask('accept', { id: (await team.ask('tasks'))[0].id });
  await until('quiet', async () => (await ambulance.ask('outbox')).items.length === 0 && (await team.ask('outbox')).items.length === 0);
  desk = await open(browser, center.url, MONITOR);
  await signIn(desk, 'supervisor');
  await desk.locator('#queue').waitFor();
});
after(async () => {
  await browser?.close();
  await stage.close();
});

const noted = (phone, text) => phone.ask('note', { id: incident, text });
const notes = async () => (await center.get(`/api/incidents/${incident}`)).incident.notes.map((note) => note.text);
/** The rows of the console's list of what was not taken, by verdict. */
const listed = (verdict) => desk.locator(`#not-taken ~ ul li.${verdict}`);

async function devices() {
  await desk.keyboard.press('Escape');
  await desk.getByRole('button', { name: /^HP petugas/ }).click();
  await desk.getByRole('heading', { name: /^Menunggu dan tidak diterima/ }).waitFor();
}

test('a change that waits for another says so on the phone, and on the console how it gets in', async () => {
  await ambulance.offline(true);
  await noted(ambulance, 'Perahu pertama di lokasi');
  // A home put back from a backup may hold what 112 lost: it never offers this note, and the next one hangs on it.
  const first = `(SELECT change FROM outbox ORDER BY position LIMIT 1)`;
  await ambulance.alter(`UPDATE change SET origin = 'center' WHERE hash = ${first}`, `DELETE FROM outbox WHERE change = ${first}`);
  await noted(ambulance, 'Butuh satu perahu lagi');
  await ambulance.offline(false);
  await until('the note that waits', async () => (await ambulance.ask('home')).sync.parked === 1);
  const field = await open(browser, `${ambulance.address}`, TALL_PHONE);
  await field.locator('main').first().waitFor();
  await field.goto(`${ambulance.url}/#/outbox`);

  await field.getByText('menunggu data sebelumnya', { exact: false }).first().waitFor();
  await lookInThemes(field, ambulance, 'phone: parked');

  await field.goto(`${ambulance.url}/#/task/${task}`);
  await field.getByText('Butuh satu perahu lagi').scrollIntoViewIfNeeded();
  await lookInThemes(field, ambulance, 'phone: parked note');
  await devices();
  await listed('park').getByText('HP sudah diminta mengirim yang kurang').waitFor();
  await listed('park').getByText('AMB-01 Ani Lestari').waitFor();
  const [download] = await Promise.all([desk.waitForEvent('download'), listed('park').getByRole('link', { name: 'Unduh isinya' }).click()]);
  assert.match(download.suggestedFilename(), /^[0-9a-f]{64}\.bin$/);
  await lookAtDesk(desk, 'console: parked');
  assert.deepEqual(await notes(), []);

  // What is missing travels after all, and both are in.
  const lost = `origin = 'center' AND actor = (SELECT actor FROM life)`;
  await ambulance.alter(
    `INSERT INTO outbox (change, record, kind, schema, lane, person, size_bytes, attachments)
     SELECT hash, record, kind, 1, 1, 'Ani Lestari', length(bytes), x'' FROM change WHERE ${lost}`,
    `UPDATE change SET origin = 'local', verdict = 'pending' WHERE ${lost}`,
  );
  await noted(ambulance, 'Perahu kedua datang');
  await until('all notes at the center', async () => (await notes()).length === 3);
  assert.deepEqual((await notes()).sort(), ['Butuh satu perahu lagi', 'Perahu kedua datang', 'Perahu pertama di lokasi']);
  await until('nothing waits', async () => (await ambulance.ask('home')).sync.parked === 0);
  assert.deepEqual(field.errors, []);
  await field.context().close();
});

test('what a role may not write is kept without effect, and the phone says why and what to do', async () => {
  // The phone of a village officer that takes itself for a medic's.
  await team.alter(`UPDATE enrolment SET role = 'medic'`);
  await team.ask('add_patient', { incident, sex: 'P', age_years: 28, complaint: 'menggigil' });
  await until('the verdict', async () => (await team.ask('home')).sync.refused > 0);
  const field = await open(browser, team.address, TALL_PHONE);
  await field.locator('main').first().waitFor();
  await field.goto(`${team.url}/#/outbox`);

  await field.getByText('catatan ini bukan untuk peran petugas ini', { exact: false }).first().waitFor();
  await lookInThemes(field, team, 'phone: overruled');

  await devices();
  await listed('overrule').getByText('masuk, tanpa pengaruh').first().waitFor();
  await listed('overrule').getByText('BPBD-01 Budi Santoso').first().waitFor();
  await lookAtDesk(desk, 'console: overruled');
  assert.deepEqual(field.errors, []);
  await field.context().close();
});

test('what is refused because the phone was put back is written again by itself, and 112 has both', async () => {
  const second = await stage.phone(center, { name: 'HP Ambulans 1b', unit: 'AMB-01', role: 'medic' });
  await until('the incident on the second phone', async () => (await second.ask('tasks')).length === 1);
  await second.stop();
  const backup = second.backup();
  await stage.serves(second);
  await noted(second, 'Jembatan kayu putus');
  await until('the first note', async () => (await notes()).includes('Jembatan kayu putus'));
  await second.stop();

  // Its next note has the place of the one that it forgot.
  second.putBack(backup);
  await second.run('note', incident, '--text', 'Lewat jalan kebun');
  await stage.serves(second);

  await until('the note that was written again', async () => (await notes()).includes('Lewat jalan kebun'));
  assert.equal((await notes()).filter((text) => text === 'Lewat jalan kebun').length, 1);
  assert.equal((await notes()).filter((text) => text === 'Jembatan kayu putus').length, 1);
  const field = await open(browser, second.address, TALL_PHONE);
  await field.locator('main').first().waitFor();
  await field.goto(`${second.url}/#/outbox`);
  await field.getByText('Semua sudah diterima 112').waitFor();
  await lookInThemes(field, second, 'phone: refused and written again');
  await field.goto(`${second.url}/#/task/${task}`);
  await field.getByText('Lewat jalan kebun').waitFor();
  await field.getByText('Jembatan kayu putus').scrollIntoViewIfNeeded();
  await lookInThemes(field, second, 'phone: both notes');
  await devices();
  await listed('refuse').getByText('HP ini pernah dipulihkan atau disalin').first().waitFor();
  await lookAtDesk(desk, 'console: refused');
  assert.deepEqual(field.errors, []);
  assert.deepEqual(desk.errors, []);
});
