// What is not a phone's own work any more, or never was: incidents of others as a list has them, what is written into
// a closed incident in a dead zone, and what stays of an incident on phone and console once it lies in the archive.
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
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
  team = await stage.phone(center, { name: 'HP TRC 1', unit: 'BPBD-01', role: 'volunteer' });
  await ambulance.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');
  const called = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'air naik, Ibu Sri di atap', unit: 'AMB-01' });
  incident = called.incident;
  task = called.assignment;
  await until('the order', async () => (await ambulance.ask('tasks')).length === 1);
  desk = await open(browser, center.url, MONITOR);
  await signIn(desk, 'supervisor');
  await desk.locator('#queue').waitFor();
});
after(async () => {
  await browser?.close();
  await stage.close();
});

test('an incident of others is a line with its kind, priority and village, and opening it says why there is no more', async () => {
  await team.ask('network_up');
  await until('the line', async () => (await team.ask('home')).elsewhere.length === 1);
  const field = await open(browser, team.address, TALL_PHONE);
  const line = field.getByRole('button', { name: /Banjir.*Asam Jelai.*Prioritas 1/s });
  await line.waitFor();
  await lookInThemes(field, team, 'phone: incidents of others');

  await line.click();

  await field.getByRole('dialog', { name: 'Banjir' }).getByText('Ditangani unit lain.', { exact: false }).waitFor();
  await lookInThemes(field, team, 'phone: incident of others');
  assert.equal(await field.getByText('Ibu Sri').count(), 0);
  await assert.rejects(team.ask('get', { id: incident }), /not_found/);
  await field.keyboard.press('Escape');
  await field.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(field.errors, []);
  await field.context().close();
});

test('what is written in a dead zone into an incident that was closed meanwhile stands beside it, on phone and console', async () => {
  for (const status of ['enroute', 'onscene', 'available']) {
    if (status === 'enroute') await ambulance.ask('accept', { id: task });
    await ambulance.ask('press', { id: task, status });
  }
  await until('all presses', async () => (await ambulance.ask('outbox')).items.length === 0);
  await ambulance.offline(true);
  await ambulance.ask('note', { id: incident, text: 'Korban kedua ditemukan di hilir jembatan' });
  await center.post(`/api/incidents/${incident}/close`, { reason: 'done', text: 'semua dibawa ke RSUD' });

  await ambulance.offline(false);

  const field = await open(browser, ambulance.address, TALL_PHONE);
  await field.locator('main').first().waitFor();
  await field.goto(`${ambulance.url}/#/task/${task}`);
  const late = field.getByText('Korban kedua ditemukan di hilir jembatan');
  await field.getByText('Masuk sebagai tambahan (1)').waitFor();
  await late.last().scrollIntoViewIfNeeded();
  assert.equal(await late.last().evaluate((one) => getComputedStyle(one).textDecorationLine), 'none', 'what was accepted is not struck through');
  await lookInThemes(field, ambulance, 'phone: addendum');
  assert.deepEqual(field.errors, []);
  await field.context().close();

  await desk.getByRole('tab', { name: /^Ditutup/ }).or(desk.getByRole('button', { name: /^Ditutup/ })).first().click();
  await desk.getByText('Asam Jelai').first().click();
  await desk.getByText('Tambahan setelah ditutup').waitFor();
  await desk.getByText('Belum diarsipkan', { exact: false }).waitFor();
  await desk.getByText('Tambahan setelah ditutup').scrollIntoViewIfNeeded();
  await lookAtDesk(desk, 'console: addendum');
});

test('once it is archived a phone keeps a line, and the console reads the archive back and says whether it is whole', async () => {
  const { archived } = await center.command(['archive', '--closed-for-h', '0']);
  assert.deepEqual(archived, [incident]);

  const field = await open(browser, ambulance.address, TALL_PHONE);
  await field.getByRole('heading', { name: 'Diarsipkan' }).waitFor();
  await field.getByText('diarsipkan', { exact: false }).last().scrollIntoViewIfNeeded();
  await lookInThemes(field, ambulance, 'phone: archived');
  await assert.rejects(ambulance.ask('get', { id: incident }), /not_found/);
  assert.deepEqual(field.errors, []);
  await field.context().close();

  await desk.getByText('Arsip pertama').waitFor();
  await desk.getByText('Utuh, bertanda tangan pusat.', { exact: false }).waitFor();
  await desk.getByText('Arsip pertama').scrollIntoViewIfNeeded();
  await lookAtDesk(desk, 'console: archive');

  // What comes later is a file of its own; the first one that was touched is not believed.
  await center.post(`/api/incidents/${incident}/notes`, { text: 'Keluarga sudah diberi tahu' });
  await center.command(['archive', '--closed-for-h', '0']);
  const folder = join(center.data, 'archive', readdirSync(join(center.data, 'archive'))[0]);
  appendFileSync(join(folder, `${incident}-1.tar`), 'x');
  await center.post(`/api/incidents/${incident}/notes`, { text: 'Berkas diperiksa' });
  await desk.getByText('Tambahan, arsip ke-2').waitFor();
  await desk.getByText('Isi berkas arsip berubah').waitFor();
  await desk.getByText('Isi berkas arsip berubah').scrollIntoViewIfNeeded();
  await lookAtDesk(desk, 'console: damaged archive');
  assert.deepEqual(desk.errors, []);
});
