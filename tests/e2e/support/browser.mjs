// Chromium as people at the center and on a phone have it, axe beside it, and the pictures it makes.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './programs.mjs';

const need = createRequire(join(root, 'ui/package.json'));
const { chromium } = need('playwright-core');
const axe = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');

/** Pictures go where nobody keeps them, unless they are made for the documentation: SIAGA_PICTURES=docs. */
const forDocs = process.env.SIAGA_PICTURES === 'docs';
export const pictures = join(root, forDocs ? 'docs/pictures' : 'target/pictures');

/** A cheap phone held upright. */
export const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  permissions: ['geolocation'],
  // Tumbang Titi, on the way to Jelai Hulu.
  geolocation: { latitude: -1.8358, longitude: 110.5993, accuracy: 12 },
};
/** The same with the browser's bars away: what most of the newer cheap ones show. */
export const TALL_PHONE = { ...PHONE, viewport: { width: 360, height: 800 } };
/** A cheap monitor. */
export const MONITOR = { viewport: { width: 1440, height: 900 } };

export function launch() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

/** A page whose own errors fail the test that looks at them. */
export async function open(browser, address, device, more = {}) {
  const context = await browser.newContext({ locale: 'id-ID', timezoneId: 'Asia/Jakarta', ...device, ...more });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.errors = errors;
  await page.goto(address);
  return page;
}

/** Signs in to the console with the account and word of the exercise. */
export async function signIn(desk, user) {
  await desk.getByLabel('Nama pengguna').fill(user);
  await desk.getByLabel('Kata sandi').fill(`latihan-${user}`);
  await desk.getByRole('button', { name: 'Masuk', exact: true }).click();
}

/** Waits until a button of this page counts again after its meaning changed: 800 ms, as for a thumb. */
export async function settled(page) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() => !('settling' in document.documentElement.dataset));
}

/** Presses what has stood there long enough to be read. */
export async function press(page, button) {
  await button.waitFor();
  await settled(page);
  await button.click();
}

/** Nothing that somebody with bad eyes, a screen reader or a keyboard would stumble over. */
export async function assertAccessible(page, where) {
  // Colours fade in for a moment; what is measured is what stays.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  if (await page.evaluate(() => window.axe === undefined)) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).slice(0, 4).join(', ')}`);
  assert.deepEqual(said, [], where);
}

/** Nothing stands outside the screen's sides. */
export async function assertFits(page, where) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(wide <= room, `${where}: ${wide} px wide on ${room} px`);
}

/** Looks at a screen the way somebody would who must use it. */
export async function look(page, name) {
  await assertAccessible(page, name);
  await assertFits(page, name);
}

/** Whatever a thumb must hit is 48 px high and wide, or a line of text with nothing to hit above or below it. */
export async function assertTouchable(page, where) {
  const small = await page.evaluate(() =>
    Array.from(document.querySelectorAll('button, a[href], summary, select, input, textarea, [role="button"]'))
      .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
      // A field for a file is not hit itself: the button beside it opens it.
      .filter((one) => !one.matches('input[type=file].visually-hidden'))
      .map((one) => [one, one.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0 && (box.height < 47.5 || box.width < 47.5))
      .map(([one, box]) => `${one.tagName.toLowerCase()} "${(one.getAttribute('aria-label') ?? one.textContent).trim().slice(0, 30)}" ${Math.round(box.width)} x ${Math.round(box.height)}`),
  );
  assert.deepEqual(small, [], where);
}

/** Nothing is cut off inside its own box, but what is meant to scroll or to end in an ellipsis. */
export async function assertNothingCut(page, where) {
  const cut = await page.evaluate(() =>
    Array.from(document.querySelectorAll('main *, [role="dialog"] *'))
      .filter((one) => one.checkVisibility() && one.childElementCount === 0 && (one.textContent ?? '').trim() !== '')
      .filter((one) => {
        const style = getComputedStyle(one);
        return style.overflow === 'hidden' && style.webkitLineClamp === 'none' && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1) && one.clientWidth > 1;
      })
      .map((one) => (one.textContent ?? '').trim().slice(0, 40)),
  );
  assert.deepEqual(cut, [], where);
}

export const THEMES = ['day', 'night', 'red', 'contrast'];
/** Beside the themes: the other language, and both at twice the text size. */
const OTHERWISE = [
  { language: 'en', text_percent: 100 },
  { language: 'en', text_percent: 200 },
  { language: 'id', text_percent: 200 },
];

/**
 * Looks at a screen of a phone in all four themes, in English and at twice the text size; the page follows the engine, so
 * nothing on it is opened anew. In the end it stands in Bahasa and in the last theme.
 */
export async function lookInThemes(page, phone, name, themes = THEMES) {
  const plain = { language: 'id', text_percent: 100 };
  const looks = [...OTHERWISE.map((one) => ({ ...one, theme: 'day' })), ...themes.map((theme) => ({ ...plain, theme }))];
  for (const preferences of looks) {
    const { language, text_percent, theme } = preferences;
    await phone.ask('set_preferences', { preferences });
    await page.waitForFunction(
      ([theme, language, scale]) => {
        const root = document.documentElement;
        return root.dataset.theme === theme && root.lang === language && root.style.getPropertyValue('--text-scale') === scale;
      },
      [theme, language, String(text_percent / 100)],
    );
    const how = theme === 'day' && (language !== 'id' || text_percent !== 100) ? `${language} ${text_percent}` : theme;
    const where = `${name}, ${how}`;
    await look(page, where);
    await assertTouchable(page, where);
    await assertNothingCut(page, where);
    await picture(page, `${name} ${how}`.replaceAll(/[^a-z0-9]+/g, '-'));
  }
}

/** What stands beside one another in a row stands apart. */
async function assertApart(page, row, where) {
  const crossing = await page.locator(row).evaluate((one) => {
    const boxes = Array.from(one.children).map((child) => [child.textContent.trim().slice(0, 30), child.getBoundingClientRect()]);
    const cross = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    return boxes.flatMap(([name, box], at) => boxes.slice(at + 1).filter(([, other]) => cross(box, other)).map(([other]) => `${name} / ${other}`));
  });
  assert.deepEqual(crossing, [], where);
}

/** The monitor with the browser's zoom at 200 %. */
const ZOOMED = { width: MONITOR.viewport.width / 2, height: MONITOR.viewport.height / 2 };

/** Looks at the console in Bahasa, then in English, there also zoomed to twice its size; it goes on as it was before. */
export async function lookAtDesk(desk, name) {
  const chooses = async (language) => {
    await desk.locator('.menu > button').click();
    await desk.getByRole('button', { name: language }).click();
    await desk.locator('.menu > button').click();
  };
  await look(desk, name);
  await picture(desk, name.replaceAll(/[^a-z0-9]+/g, '-'));
  await chooses('English');
  await look(desk, `${name}, en`);
  await picture(desk, `${name} en`.replaceAll(/[^a-z0-9]+/g, '-'));
  await desk.setViewportSize(ZOOMED);
  await look(desk, `${name}, en 200`);
  await assertApart(desk, 'header .row', `${name}, en 200`);
  await picture(desk, `${name} en 200`.replaceAll(/[^a-z0-9]+/g, '-'));
  await desk.setViewportSize(MONITOR.viewport);
  await chooses('Bahasa Indonesia');
}

/** Looks at a screen as it is and at twice its text size: for those of a phone that has no preferences yet. */
export async function lookLarge(page, name) {
  for (const scale of ['1', '2']) {
    await page.evaluate((scale) => document.documentElement.style.setProperty('--text-scale', scale), scale);
    const where = `${name}, ${scale}00`;
    await look(page, where);
    await assertTouchable(page, where);
    await assertNothingCut(page, where);
    await picture(page, `${name} ${scale}00`.replaceAll(/[^a-z0-9]+/g, '-'));
  }
  await page.evaluate(() => document.documentElement.style.removeProperty('--text-scale'));
}

/** A picture named by what it shows. */
export async function picture(page, name) {
  const path = join(pictures, name.includes('.') ? name : `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path, animations: 'disabled', ...(path.endsWith('.jpg') ? { type: 'jpeg', quality: 72 } : {}) });
}
