// What only a phone can do, with a stand-in for the bridge that Kotlin puts into the page: an invitation read from a
// photograph, what the phone does not allow, gaps of the trail, numbers and texts that leave the page, a WebView without maps. And
// what a phone knows of its own tracking, with its unit on the console.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, look, lookAtDesk, lookInThemes, MONITOR, open, PHONE, picture, press, signIn } from './support/browser.mjs';
import { Stage, until } from './support/programs.mjs';

const stage = new Stage();
let browser;
let center;
let phone;

before(async () => {
  browser = await launch();
  center = await stage.center();
  phone = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
});
after(async () => {
  await browser?.close();
  await stage.close();
});

/** As PageBridge.kt offers itself; what was asked of it stands in `asked`. */
async function inApp(address, floor = 'full') {
  const context = await browser.newContext({ locale: 'id-ID', timezoneId: 'Asia/Jakarta', ...PHONE });
  await context.addInitScript((said) => {
    window.asked = [];
    const note = (what) => (value) => window.asked.push(`${what} ${value}`) > 0;
    window.siagaDevice = { floor: () => said, follow: note('follow'), settings: note('settings'), share: note('share'), rings: () => false };
  }, floor);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

const tab = (page, name) => page.locator('nav button', { hasText: name });
const asked = (page) => page.evaluate(() => window.asked);

/** The code on a screen, as a phone held a little askew takes it. */
async function photographOf(svg) {
  const page = await open(browser, 'about:blank', { viewport: { width: 1200, height: 1600 } });
  await page.setContent(`<body style="margin:0;background:#777;display:grid;place-items:center;height:100vh">
    <div style="background:#fff;padding:48px;transform:rotate(7deg) skewX(3deg);width:560px">${svg.replace(/<\?xml[^>]*>/, '')}</div></body>`);
  const photograph = await page.screenshot({ type: 'jpeg', quality: 60 });
  await page.context().close();
  return photograph;
}

test('an invitation is read from a photograph of its code', async () => {
  const invitation = await center.command(['invite', '--unit', 'AMB-01', '--role', 'medic', '--name', 'HP baru', '--unattended', '--field-url', center.field]);
  const fresh = await stage.unknownPhone('HP baru');
  const page = await inApp(fresh.address);
  const link = page.getByLabel('Tautan undangan');

  await page.locator('input[type=file]').setInputFiles({ name: 'kosong.jpg', mimeType: 'image/jpeg', buffer: await photographOf('<p>tidak ada kode</p>') });
  await page.getByText('Tidak ada kode QR yang terbaca').waitFor();
  await look(page, 'field: a photograph without a code');
  assert.equal(await link.inputValue(), '');
  await page.locator('input[type=file]').setInputFiles({ name: 'kode.jpg', mimeType: 'image/jpeg', buffer: await photographOf(invitation.qr_svg) });

  await until('the link to be read', async () => (await link.inputValue()) === invitation.link);
  await page.getByText('Tidak ada kode QR yang terbaca').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Daftarkan', exact: true }).click();
  await page.getByRole('heading', { name: 'Cocokkan angka ini' }).waitFor();
  await page.context().close();
});

test('what the phone does not allow is named, and leads to where it is granted', async () => {
  const now = Date.now();
  const state = {
    at_ms: now, location_permission: 'while_in_use', location_on: true, notifications: true, battery_exempt: false, full_screen: true,
    automatic_time: true, free_bytes: 2_000_000_000, battery_percent: 80, webview: 120, android: 33, brand: 'xiaomi', maker_screen: true,
  };
  await phone.alter(
    `INSERT INTO setting (key, value) VALUES ('device_state', '${JSON.stringify(state)}')`,
    `INSERT INTO gap (from_ms, until_ms, cause) VALUES (${now - 5_400_000}, ${now - 3_120_000}, 'ended')`,
  );
  const page = await inApp(phone.address);
  await tab(page, 'Saya').click();
  await page.getByText('HP untuk piket').waitFor();

  await page.getByText('HP boleh menghentikan Siaga').waitFor();
  await page.getByText('layanan Siaga dihentikan oleh HP').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Hemat baterai' }).getByRole('button', { name: 'Atur' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Izin lokasi' }).getByRole('button', { name: 'Atur' }).click();

  assert.deepEqual(await asked(page), ['settings battery', 'settings location_always']);
  assert.equal(await page.getByRole('listitem').filter({ hasText: 'Pemberitahuan' }).getByRole('button').count(), 0);
  await lookInThemes(page, phone, 'field: phone for a duty');
  await page.context().close();
});

test('a number is dialled by the phone, and a WebView below the floor shows the list without a map', async () => {
  // On duty an order is there at once; off duty at the phone's next look.
  await phone.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');
  await center.call({ category: 'MED', village: '61.04.14.2015', narrative: 'sesak napas', unit: 'AMB-01' });
  const page = await inApp(phone.address, 'plain');
  await page.evaluate(() => {
    const link = Object.assign(document.createElement('a'), { href: 'tel:112', textContent: 'x' });
    document.body.append(link);
    link.click();
    link.remove();
  });
  assert.deepEqual(await asked(page), ['follow tel:112']);

  await until('the order to reach the phone', async () => (await phone.ask('tasks')).some((task) => task.open));
  await press(page, page.getByRole('alertdialog').getByRole('button', { name: 'Terima', exact: true }));
  await tab(page, 'Peta').click();
  await page.getByText('Posisi saya', { exact: true }).waitFor();
  assert.equal(await page.locator('.leaflet-container').count(), 0);
  await look(page, 'field: the list without a map');
  await page.context().close();
});

/** A task of a flood with an assessment, each with something that must stay on the phone. */
async function aFloodAssessed() {
  const { incident } = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'Joko di atap', landmark: 'dekat masjid', point: { lat: -2.1543, lon: 110.8712 }, unit: 'AMB-01' });
  const task = await until('the order to reach the phone', async () => (await phone.ask('tasks')).find((one) => one.incident === incident)?.id);
  await phone.ask('accept', { id: task });
  await phone.ask('note', { id: incident, text: 'Siti Aminah hamil' });
  const { id: assessment } = await phone.ask('assess', {
    incident,
    village: '61.04.14.2015',
    numbers: [
      { metric: 'displaced_kk', value: 52, quality: 'estimate' },
      { metric: 'displaced', value: 197, quality: 'estimate' },
      { metric: 'water_cm', value: 170, quality: 'verified' },
    ],
    needs: [{ text: 'Perahu karet', quantity: 2 }],
    note: 'Siti Aminah meninggal',
  });
  return { incident, task, assessment };
}

test('a task and an assessment leave by the phone as text, without anybody in it', async () => {
  const { incident, task, assessment } = await aFloodAssessed();
  const page = await inApp(phone.address);
  await page.evaluate((hash) => { location.hash = hash; }, `#/task/${task}`);
  await page.getByRole('button', { name: 'Bagikan', exact: true }).click();
  await until('the task to be offered', async () => (await asked(page)).length === 1);
  await lookInThemes(page, phone, 'field: task to share');

  await phone.ask('set_preferences', { preferences: { language: 'en', theme: 'day', text_percent: 100 } });
  await page.evaluate((hash) => { location.hash = hash; }, `#/assessment/${assessment}/${task}`);
  await page.getByRole('button', { name: 'Share as text', exact: true }).click();
  await until('the assessment to be offered', async () => (await asked(page)).length === 2);
  await lookInThemes(page, phone, 'field: assessment to share');

  const [first, second] = await asked(page);
  assert.equal(first, `share Banjir\ndekat masjid\nAsam Jelai, Jelai Hulu\n-2.15430, 110.87120\nhttps://maps.google.com/?q=-2.15430,110.87120\nNo. kejadian: ${incident}`);
  for (const line of ['share Kejadian      : BANJIR', 'Ds. Asam Jelai', '-2.15430, 110.87120', '• 52 KK / 197 jiwa mengungsi (perkiraan)', '• TMA 170 cm (dicek)', '• Perahu karet 2', '• Ani Lestari / lewat Siaga ']) {
    assert.ok(second.includes(line), `${line} in ${second}`);
  }
  for (const told of [first, second]) assert.doesNotMatch(told, /Joko|Siti/);
  await page.context().close();
});

test('without the phone a text is copied, a choice that was closed says nothing, and a failure says what to do', async () => {
  const { id } = (await phone.ask('tasks')).find((one) => one.category === 'BANJIR');
  const page = await open(browser, phone.address, { ...PHONE, permissions: [...PHONE.permissions, 'clipboard-read', 'clipboard-write'] });
  await page.evaluate((hash) => { location.hash = hash; }, `#/task/${id}`);
  const button = page.getByRole('button', { name: 'Bagikan', exact: true });

  await button.click();
  await page.getByText('Teks disalin').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^Banjir\n/);
  await picture(page, 'field-share-copied');

  await page.getByText('Teks disalin').waitFor({ state: 'detached' });
  await page.evaluate(() => {
    window.refusals = 0;
    Object.defineProperty(navigator, 'share', { configurable: true, value: () => Promise.reject(new DOMException('closed', 'AbortError')).finally(() => { window.refusals += 1; }) });
  });
  await button.click();
  await page.waitForFunction(() => window.refusals === 1);
  assert.equal(await page.getByText(/Teks disalin|tidak bisa dibagikan/).count(), 0);

  await page.evaluate(() => {
    for (const name of ['share', 'clipboard']) Object.defineProperty(navigator, name, { configurable: true, value: undefined });
  });
  await button.click();
  await page.getByText('Sampaikan lewat telepon atau radio').waitFor();
  await look(page, 'field: a text that cannot leave');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('the console says of a unit that its position is made up, and when and why its tracking stood still', async () => {
  await phone.ask('fix', { position: { lat: -1.8358, lon: 110.5993, accuracy_m: 8 }, mock: true });
  const unit = async () => (await center.get('/api/units')).find((view) => view.unit.code === 'AMB-01');
  await until('the mark and the gap', async () => (await unit()).position_mock && (await unit()).gaps.length === 1);
  const desk = await open(browser, center.url, MONITOR);
  await signIn(desk, 'dispatcher');

  const row = desk.locator('#units button', { hasText: 'AMB-01' });
  await row.getByText('posisi tiruan').waitFor();
  await row.locator('.when svg').waitFor();
  await row.click();
  const pane = desk.locator('dl');
  await pane.getByText('posisi tiruan').waitFor();
  await pane.getByText(/^berhenti \d\d\.\d\d sampai \d\d\.\d\d, layanan Siaga dihentikan oleh HP$/).waitFor();
  const pin = desk.locator('.pin.unit.mock');
  assert.equal(await pin.locator('.label').textContent(), 'AMB-01posisi tiruan');
  assert.equal(await pin.locator('.label svg').count(), 1);
  assert.match(await pin.getAttribute('title'), /posisi tiruan$/);
  await lookAtDesk(desk, 'console: mock position');

  await phone.ask('fix', { position: { lat: -1.84, lon: 110.61, accuracy_m: 8 }, at_ms: Date.now() + 5_000 });
  await row.getByText('posisi tiruan').waitFor({ state: 'detached' });
  await pin.waitFor({ state: 'detached' });
  assert.deepEqual(desk.errors, []);
  await desk.context().close();
});
