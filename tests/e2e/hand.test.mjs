// One wet thumb on a small phone: double taps, an alarm that rises under a tap, forms that are interrupted, a cancellation
// after a gap, a keyboard that leaves half the screen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertFits, launch, open, PHONE, picture, settled } from './support/browser.mjs';
import { Stage, until } from './support/programs.mjs';

const stage = new Stage();
let browser;
let center;
let phone;

before(async () => {
  browser = await launch();
  center = await stage.center();
  phone = await stage.phone(center, { name: 'HP Ambulans 1', unit: 'AMB-01', role: 'medic' });
  await phone.run('duty', 'on', '--post', 'PSC-DELTAPAWAN', '--person', 'Ani Lestari');
});
after(async () => {
  await browser?.close();
  await stage.close();
});

const taskOf = (incident) => until('the order', async () => (await phone.ask('tasks')).find((one) => one.incident === incident));
const statusOf = async (task) => (await phone.ask('tasks')).find((one) => one.id === task)?.status;
const pressesOf = async (task) => (await phone.ask('task', { id: task })).steps.filter((step) => step.entry !== null).map((step) => step.status);

async function accepted(category = 'MED') {
  const { incident, assignment } = await center.call({ category, village: '61.04.14.2015', narrative: 'sesak napas', unit: 'AMB-01' });
  const task = (await taskOf(incident)).id;
  await phone.ask('accept', { id: task });
  return { incident, assignment, task };
}

async function at(page, hash) {
  await page.evaluate((to) => { location.hash = to; }, hash);
}

test('two taps in one place press one status, and undo takes both of two presses back', async () => {
  for (const gap of [20, 150, 400, 600]) {
    const { task } = await accepted();
    const page = await open(browser, phone.address, PHONE);
    await at(page, `#/task/${task}`);
    const button = page.getByRole('button', { name: 'Berangkat', exact: true });
    await button.waitFor();
    await settled(page);
    const box = await button.boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];

    await page.mouse.click(x, y);
    await page.waitForTimeout(gap);
    await page.mouse.click(x, y);
    await page.waitForTimeout(300);

    assert.deepEqual(await pressesOf(task), ['accepted', 'enroute'], `${gap} ms`);
    if (gap === 600) {
      await settled(page);
      await page.getByRole('button', { name: 'Tiba di lokasi', exact: true }).click();
      await until('the second press', async () => (await statusOf(task)) === 'onscene');
      const undo = page.locator('.toast button', { hasText: 'Urungkan' });
      await settled(page);
      await undo.click();
      await until('one undone', async () => (await statusOf(task)) === 'enroute');
    }
    await page.context().close();
    await phone.ask('press', { id: task, status: 'available' });
  }
});

test('an alarm that rises under a tap is not answered by it', async () => {
  const { task } = await accepted();
  const page = await open(browser, phone.address, PHONE);
  await at(page, `#/task/${task}`);
  await page.getByRole('button', { name: 'Berangkat', exact: true }).waitFor();

  const { incident } = await center.call({ category: 'BANJIR', village: '61.04.14.2015', narrative: 'di atap', unit: 'AMB-01' });
  const accept = page.getByRole('alertdialog').getByRole('button', { name: 'Terima', exact: true });
  await accept.waitFor();
  const box = await accept.boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForTimeout(200);

  const rung = await taskOf(incident);
  assert.notEqual(rung.status, 'accepted');
  await settled(page);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await until('the order to be accepted', async () => (await statusOf(rung.id)) === 'accepted');
  await page.context().close();
  for (const id of [task, rung.id]) await phone.ask('press', { id, status: 'available' });
});

test('a crew that finds nothing ends the task with one tap', async () => {
  const { task, incident } = await accepted();
  const page = await open(browser, phone.address, PHONE);
  await at(page, `#/task/${task}`);
  await page.getByRole('button', { name: 'Status lain' }).click();
  await settled(page);
  await picture(page, 'hand-status');
  await page.getByRole('button', { name: 'Tidak ada apa-apa di lokasi' }).click();

  await until('the outcome', async () => (await phone.ask('task', { id: task })).steps.some((step) => step.outcome === 'nothing_found'));
  await until('the console to have it', async () => JSON.stringify(await center.get(`/api/incidents/${incident}`)).includes('nothing_found'));
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('what is typed outlives the scrim and a reload, and a photograph leaves the words alone', async () => {
  const { task, incident } = await accepted();
  const { id: patient } = await phone.ask('add_patient', { incident });
  const page = await open(browser, phone.address, PHONE);
  const typed = [
    ['Tindakan', 'Apa yang dilakukan', 'bidai kayu'],
    ['Serah terima', undefined, 'dr. Sari'],
    ['Identitas', 'Nama', 'Siti'],
  ];
  for (const [card, , value] of typed) {
    await at(page, `#/patient/${patient}/${task}`);
    await page.locator('section, article, div').filter({ has: page.getByRole('heading', { name: card, exact: true }) }).last().getByRole('button').first().click();
    await page.getByRole('dialog').getByRole('textbox').first().fill(value);
    await page.locator('.scrim').click({ position: { x: 10, y: 10 } });
    await page.reload();
    await page.locator('section, article, div').filter({ has: page.getByRole('heading', { name: card, exact: true }) }).last().getByRole('button').first().click();
    await until(`${card} to be restored`, async () => (await page.getByRole('dialog').getByRole('textbox').first().inputValue()) === value);
    await page.getByRole('dialog').getByRole('button', { name: 'Tutup' }).click();
  }
  await page.context().close();
  await phone.ask('press', { id: task, status: 'available' });
});

test('a cancellation after a gap takes the screen until somebody acknowledges it, once', async () => {
  const { task, assignment } = await accepted();
  await phone.offline(true);
  await center.post(`/api/assignments/${assignment}/cancel`, { reason: 'api sudah padam' });
  await phone.offline(false);
  const page = await open(browser, phone.address, PHONE);
  const notice = page.getByRole('alertdialog').filter({ hasText: 'TUGAS DIBATALKAN' });
  await notice.waitFor();
  await page.reload();
  await notice.waitFor();
  await notice.getByText('api sudah padam').waitFor();
  await picture(page, 'hand-cancelled');
  await settled(page);

  await notice.getByRole('button', { name: 'Mengerti' }).click();
  await notice.waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('nav').waitFor();
  assert.equal(await notice.count(), 0);
  await page.context().close();
});

test('with the keyboard open the villages that were found are seen, and on its side the page has room', async () => {
  const page = await open(browser, phone.address, { ...PHONE, viewport: { width: 360, height: 330 } });
  await at(page, '#/report');
  await page.getByRole('button', { name: 'Medis' }).first().click();
  const field = page.getByRole('textbox').first();
  await field.fill('asam');
  const found = page.locator('.found button').first();
  await found.waitFor();
  await until('the village to be in sight', async () => {
    const box = await found.boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height <= 330;
  });
  await picture(page, 'hand-keyboard');
  await page.setViewportSize({ width: 740, height: 360 });
  await field.evaluate((one) => one.blur());
  const room = await page.getByRole('region').first().evaluate((one) => one.clientHeight);
  await picture(page, 'hand-landscape');
  assert.ok(room >= 150, `${room} px`);
  await assertFits(page, 'on its side');
  await page.context().close();
});
