// Photographs and map packs on the pages: a preview first, the whole when it is wanted, and where each is.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, look, lookAtDesk, lookInThemes, MONITOR, open, picture, signIn, TALL_PHONE } from './support/browser.mjs';
import { boundaries, photograph, pmtiles, png, vectorTile } from './support/made.mjs';
import { Stage, until } from './support/programs.mjs';

const stage = new Stage();
let browser;
let center;
let ambulance;
let team;
let desk;
let field;
let incident;

before(async () => {
  browser = await launch();
  center = await stage.center();
  ambulance = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
  team = await stage.phone(center, { name: 'HP TRC 1', unit: 'BPBD-01', role: 'volunteer' });
  const post = async (code) => (await center.get('/api/units')).find((view) => view.unit.code === code).unit.post;
  // On duty an order is on its way at once.
  await team.run('duty', 'on', '--post', await post('BPBD-01'), '--person', 'Budi Santoso');
  await ambulance.run('duty', 'on', '--post', await post('AMB-01'), '--person', 'Ani Lestari');
  const called = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'air naik', unit: 'AMB-01' });
  incident = called.incident;
  const { id: order } = await center.post('/api/assignments', { incident, unit: 'BPBD-01' });
  await until('the order of the team', async () => (await team.ask('tasks')).length === 1);
  await team.ask('accept', { id: order });
  await until('the incident on the ambulance', async () => (await ambulance.ask('tasks')).length === 1);
  await team.ask('set_preferences', { preferences: { language: 'id', theme: 'night', text_percent: 100 } });
  desk = await open(browser, center.url, MONITOR);
  await signIn(desk, 'supervisor');
  field = await open(browser, team.address, TALL_PHONE);
});
after(async () => {
  await browser?.close();
  await stage.close();
});

/** Asks the center now: packs are added by a command beside the serving center, which wakes nobody. */
async function asks(phone) {
  await phone.offline(true);
  await phone.offline(false);
}

/** Themes these screens are looked at in here, beside the day of the tour; the last one stays. */
const DARK = ['contrast', 'red', 'night'];

/** How wide the first picture that fits is, once it is drawn. */
const drawn = (page, selector) =>
  until(`the picture ${selector}`, () =>
    page.evaluate((wanted) => {
      const image = document.querySelector(wanted);
      return image !== null && image.complete && image.naturalWidth > 0 && image.naturalWidth;
    }, selector),
  );

test('a photograph of a phone is on the console as a preview, and whole behind it', async () => {
  const path = join(stage.folder, 'photo.png');
  writeFileSync(path, photograph());
  await desk.getByText('Asam Jelai').first().click();
  await desk.getByRole('heading', { name: 'Banjir' }).waitFor();

  await ambulance.run('note', incident, '--text', 'rumah Pak Rahmat, air setinggi jendela', '--photo', path);

  const whole = desk.getByRole('link', { name: /Buka foto utuh/ });
  await whole.waitFor();
  assert.equal(await drawn(desk, '.photo img'), 320, 'the preview');
  const { width, size } = await desk.evaluate(async (address) => {
    const bytes = await (await fetch(address)).blob();
    const bitmap = await createImageBitmap(bytes);
    return { width: bitmap.width, size: bytes.size };
  }, await whole.getAttribute('href'));
  assert.equal(width, 1200);
  assert.ok(size > 100_000, `${size} bytes`);
  await whole.scrollIntoViewIfNeeded();
  await lookAtDesk(desk, 'console: photograph');
});

test('another crew sees the preview by itself and the whole photograph when it asks', async () => {
  const [task] = await team.ask('tasks');
  await field.goto(`${team.url}/#/task/${task.id}`);
  await field.getByText('rumah Pak Rahmat, air setinggi jendela').waitFor();
  const fetch = field.getByRole('button', { name: /^Ambil utuh/ });
  await fetch.waitFor();
  assert.equal(await drawn(field, 'figure img'), 320, 'the preview');
  await field.getByText('utuh di 112, belum di HP ini').waitFor();
  await fetch.scrollIntoViewIfNeeded();
  await lookInThemes(field, team, 'field: photo preview', DARK);

  await team.offline(true);
  await fetch.click();
  await field.getByText('diminta, datang saat ada sinyal').waitFor();
  await look(field, 'field: asked for');
  await team.offline(false);

  await field.getByText('utuh di HP ini').waitFor();
  await until('the whole picture', async () => (await drawn(field, 'figure img.whole')) === 1200);
  await field.getByText('utuh di HP ini').scrollIntoViewIfNeeded();
  await lookInThemes(field, team, 'field: photo whole', DARK);
  const filter = await field.evaluate(() => getComputedStyle(document.querySelector('figure img')).filter);
  assert.match(filter, /brightness/, 'a bright photograph does not light a dark cabin');
});

test('on the phone that took it, it says that 112 has it and that it is still here', async () => {
  const own = await open(browser, ambulance.address, TALL_PHONE);
  await ambulance.ask('set_preferences', { preferences: { language: 'id', theme: 'day', text_percent: 100 } });
  const [task] = await ambulance.ask('tasks');
  await ambulance.ask('accept', { id: task.id });
  await own.goto(`${ambulance.url}/#/task/${task.id}`);

  await own.getByText('utuh di 112, masih di HP ini').waitFor();

  await ambulance.offline(true);
  const path = join(stage.folder, 'another.png');
  writeFileSync(path, png(640, 480, (x, y) => [x % 256, y % 256, 128]));
  await ambulance.run('note', incident, '--text', 'jembatan', '--photo', path);
  await own.getByText('hanya di HP ini, menunggu sinyal').waitFor();
  await own.getByText('hanya di HP ini, menunggu sinyal').scrollIntoViewIfNeeded();
  await lookInThemes(own, ambulance, 'field: photo own', DARK);
  await ambulance.offline(false);
  assert.deepEqual(own.errors, []);
});

test('boundaries come when somebody asks for them and are drawn on the map of the phone', async () => {
  const path = join(stage.folder, 'desa.geojson');
  writeFileSync(path, boundaries(-1.8358, 110.5993));
  await center.command(['pack', 'add', path, '--name', 'Batas desa']);
  await asks(team);
  await field.goto(`${team.url}/#/map`);
  const fetch = field.getByRole('button', { name: /^Ambil utuh/ });
  await fetch.waitFor();
  assert.equal(await field.locator('.map-boundary').count(), 0);
  await fetch.scrollIntoViewIfNeeded();
  await lookInThemes(field, team, 'field: pack offered', DARK);

  await fetch.click();

  await until('the boundaries', async () => (await field.locator('.map-boundary').count()) === 2);
  await field.getByRole('button', { name: 'Ke posisi saya' }).click();
  await field.getByText('Jelai Hulu', { exact: true }).first().waitFor();
  await lookInThemes(field, team, 'field: map boundaries', DARK);
});

test('tiles of both kinds are drawn under everything else from what the phone holds', async () => {
  const rastered = join(stage.folder, 'relief.pmtiles');
  const stripes = png(256, 256, (x, y) => ((x + y) % 64 < 32 ? [214, 226, 205] : [226, 234, 219]));
  writeFileSync(rastered, pmtiles({ tile: stripes, kind: 2, maxZoom: 10 }));
  const drawnAsLines = join(stage.folder, 'sungai.pmtiles');
  writeFileSync(drawnAsLines, pmtiles({ tile: vectorTile(), kind: 1, maxZoom: 10 }));
  await center.command(['pack', 'add', rastered, '--name', 'Relief']);
  await center.command(['pack', 'add', drawnAsLines, '--name', 'Sungai', '--for', 'BPBD-01']);
  await asks(team);
  await until('both packs on the phone', async () => (await team.ask('packs')).length === 3);
  for (const pack of await team.ask('packs')) if (pack.in_use === null) await team.ask('want_file', { sha256: pack.newer.sha256 });
  await until('both packs whole', async () => (await team.ask('packs')).every((pack) => pack.in_use !== null));
  await team.offline(true);
  await field.reload();

  await until('tiles of pictures', async () => (await field.locator('.map-tile img').count()) > 0);
  const inked = await until('tiles of lines', () =>
    field.evaluate(() => {
      const canvas = document.querySelector('.map-tile canvas');
      if (canvas === null) return false;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value, index) => index % 4 === 3 && value > 0);
    }),
  );
  assert.ok(inked);
  const filter = await field.evaluate(() => getComputedStyle(document.querySelector('.map-tile img')).filter);
  assert.match(filter, /brightness/, 'a bright picture does not light a dark cabin');
  await lookInThemes(field, team, 'field: map tiles', DARK);
  await team.ask('set_preferences', { preferences: { language: 'id', theme: 'day', text_percent: 100 } });
  await field.reload();
  await until('tiles by day', async () => (await field.locator('.map-tile canvas').count()) > 0);
  await picture(field, 'field-map-tiles-day');
  await team.offline(false);
});

test('what cannot be drawn is named, and the map stays', async () => {
  const path = join(stage.folder, 'unknown.pmtiles');
  writeFileSync(path, pmtiles({ tile: Buffer.from('?'), kind: 0, maxZoom: 3 }));
  await center.command(['pack', 'add', path, '--name', 'Tak dikenal', '--for', 'BPBD-01']);
  await asks(team);
  await until('the pack on the phone', async () => (await team.ask('packs')).length === 4);
  const strange = (await team.ask('packs')).find((pack) => pack.name === 'Tak dikenal');
  await team.ask('want_file', { sha256: strange.newer.sha256 });

  await field.getByText('Tak dikenal tidak terbaca dan tidak digambar.', { exact: false }).waitFor();

  assert.equal(await field.locator('.map-boundary').count(), 2);
  await center.command(['pack', 'remove', '--name', 'Tak dikenal']);
  await asks(team);
  await until('the pack gone', async () => (await team.ask('packs')).length === 3);
});

test('the console says which phones have which pack', async () => {
  await desk.keyboard.press('Escape');
  await desk.getByRole('button', { name: /^HP petugas/ }).click();

  await desk.getByText('terkirim utuh ke 1 dari 1 HP').waitFor();
  await desk.getByText('terkirim utuh ke 1 dari 2 HP').first().waitFor();
  await desk.getByText('Batas desa').scrollIntoViewIfNeeded();
  await lookAtDesk(desk, 'console: packs');
});

test('whole files come by themselves once somebody says so', async () => {
  await field.goto(`${team.url}/#/me`);
  const always = field.getByRole('button', { name: 'Selalu sendiri' });
  await always.scrollIntoViewIfNeeded();
  await look(field, 'field: unasked');
  await picture(field, 'field-unasked');
  await always.click();

  await until('the wish', async () => (await team.ask('home')).me.preferences.unasked === 'always');

  assert.deepEqual(field.errors, []);
  assert.deepEqual(desk.errors, []);
});
