// The real app on a real (virtual) display: it starts, embeds the page, reaches its engine through Tauri, and enrols
// with a real center. The pages themselves are tested in a browser; here only what the shell adds is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { App, freePort, start, until } from './driver.mjs';

const programs = process.env.SIAGA_PROGRAMS;
const application = process.env.SIAGA_APP;
assert.ok(programs && application, 'start this with: cargo xtask test --only shell');

const folder = mkdtempSync(join(tmpdir(), 'siaga-shell-'));
const data = join(folder, 'center');
let center;
let field;

function siagaCenter(...args) {
  return execFileSync(join(programs, 'siaga-center'), [...args, '--data', data, '--json'], { encoding: 'utf8' });
}

async function showsUnit(app) {
  const header = await app.run("return document.querySelector('header')?.innerText ?? ''");
  return header.includes('Ambulans 1') ? true : undefined;
}

before(async () => {
  const [console_, phones] = [await freePort(), await freePort()];
  siagaCenter('seed', '--regency', '61.04', '--demo');
  field = `127.0.0.1:${phones}`;
  center = start(join(programs, 'siaga-center'), ['serve', '--data', data, '--listen', `127.0.0.1:${console_}`, '--field-listen', field]);
  await until('the center to answer', async () => ((await fetch(`http://127.0.0.1:${console_}/health`)).ok ? true : undefined));
});

after(async () => {
  await center?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a new phone is asked for its invitation, enrols with the center and shows its unit', async () => {
  const { link } = JSON.parse(
    siagaCenter('invite', '--unattended', '--unit', 'AMB-01', '--role', 'medic', '--name', 'HP Uji', '--field-url', `https://${field}`),
  );
  const app = await App.open(application, { SIAGA_HOME: join(folder, 'home') });
  try {
    await until('the enrolment screen', async () => ((await app.run("return document.querySelector('textarea') !== null")) ? true : undefined));

    await app.type('textarea', link);
    await app.click('.actions button');
    // The digits are shown while the center confirms; the unit is, when it has.
    await until('six digits to compare, and the unit joined', async () => {
      const text = await app.text();
      return /\d{3} \d{3}/.test(text) && text.includes('AMB-01') ? true : undefined;
    });
    await app.click('.actions button');

    // Its name is in the directory, so this proves that the shell exchanged with the center by itself.
    await until("the unit's name in the header", () => showsUnit(app));
  } finally {
    await app.close();
  }
});

test('an enrolled phone knows its unit when it is opened again, and its page may not touch the machine', async () => {
  const app = await App.open(application, { SIAGA_HOME: join(folder, 'home') });
  try {
    await until("the unit's name in the header", () => showsUnit(app));

    assert.equal(await app.run("return typeof window.__TAURI__"), 'undefined');
    const refused = await app.ask('POST', '/execute/async', {
      script: `const done = arguments[arguments.length - 1];
        window.__TAURI_INTERNALS__.invoke('plugin:path|resolve_directory', { directory: 1 }).then(() => done('allowed'), () => done('refused'));`,
      args: [],
    });
    assert.equal(refused, 'refused');
  } finally {
    await app.close();
  }
});
