// Times that cannot be true, in records that one phone brought to a center of 0.2.0: both pages stay usable. The real
// programs, and folders that were harmed by the attacker.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, MONITOR, open, signIn, TALL_PHONE } from './support/browser.mjs';
import { root, Stage } from './support/programs.mjs';

const story = JSON.parse(readFileSync(join(root, 'tests/fixtures/poisoned/story.json'), 'utf8'));
const stage = new Stage();
let browser;
let center;
let phone;

before(async () => {
  browser = await launch();
  center = await stage.thawedCenter('poisoned');
  phone = await stage.thawedPhone('poisoned');
});
after(async () => {
  await browser?.close();
  await stage.close();
});

test('the console lists everything, opens the harmed incident and says that a clock was wrong', async () => {
  const desk = await open(browser, center.url, MONITOR);
  await signIn(desk, 'supervisor');
  await desk.locator('#queue [data-row]').first().waitFor();

  const harmed = desk.locator('#queue [data-row]', { hasText: 'panggilan entry_time' });
  await harmed.click();
  await desk.getByText('pada 9223372036854775807').first().waitFor();

  assert.ok((await desk.getByText('jam salah').count()) > 0, 'the page says which time is wrong');
  await desk.locator('#queue [data-row]', { hasText: 'panggilan ids' }).waitFor();
  assert.deepEqual(desk.errors, []);
  await desk.context().close();
});

test('the page of a crew opens the harmed task and stays usable', async () => {
  const page = await open(browser, phone.address, TALL_PHONE);
  await page.goto(`${phone.url}/#/task/${story.entry_time.assignment}`);
  await page.getByText('pada -9223372036854775808').first().waitFor();
  await page.goto(`${phone.url}/#/map`);
  await page.goto(`${phone.url}/#/tasks`);
  await page.getByText('Asam Jelai').first().waitFor();

  assert.ok((await phone.ask('tasks')).some((task) => task.id === story.entry_time.assignment));
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
