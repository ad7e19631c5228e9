// The real programs, for tests in Node: a seeded center, phones with homes of their own, and their served pages.
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

function program(name) {
  const folders = [process.env.SIAGA_PROGRAMS, process.env.CARGO_TARGET_DIR && join(process.env.CARGO_TARGET_DIR, 'debug'), join(root, 'target/debug')];
  const found = folders.filter(Boolean).map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not built: run cargo build --bins -p siaga-command -p siaga-center, and for examples/ cargo build -p siaga-store --example alter_home`);
  return found;
}

/** A port that nobody listens on now. */
export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Asks again until the answer is neither `undefined` nor `false`; says what it waited for when it gives up. */
export async function until(what, ask, withinMs = 20_000) {
  const end = Date.now() + withinMs;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms for ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Runs a command to its end; throws with its own words unless it ended with 0. */
function run(name, args) {
  return new Promise((done, failed) => {
    execFile(program(name), args, { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) failed(new Error(`${name} ${args.join(' ')} ended with ${error.code}: ${stdout}${stderr}`));
      else done(stdout.trim() === '' ? null : JSON.parse(stdout));
    });
  });
}

function serve(name, args) {
  const child = spawn(program(name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  child.stdout.on('data', (bytes) => said.push(bytes));
  child.stderr.on('data', (bytes) => said.push(bytes));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    said: () => Buffer.concat(said).toString(),
    running: () => child.exitCode === null,
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A folder, and everything started in it; `close` ends and removes all of it. */
export class Stage {
  folder = mkdtempSync(join(tmpdir(), 'siaga-e2e-'));
  #started = [];

  async close() {
    for (const one of this.#started.reverse()) await one.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A center, seeded with Ketapang and the people of the demonstration. */
  async center() {
    const data = join(this.folder, 'center');
    const seeded = await run('siaga-center', ['seed', '--data', data, '--regency', '61.04', '--demo', '--json']);
    return this.#servesCenter(data, seeded);
  }

  /** A copy of a frozen center, as it was left. */
  async thawedCenter(frozen) {
    const data = join(this.folder, 'center');
    cpSync(join(root, 'tests/fixtures', frozen, 'center'), data, { recursive: true });
    return this.#servesCenter(data, null);
  }

  /** A copy of a frozen phone, with its page served and nothing exchanged. */
  async thawedPhone(frozen) {
    const phone = new Phone(join(this.folder, 'phone'));
    cpSync(join(root, 'tests/fixtures', frozen, 'phone'), phone.home, { recursive: true });
    await this.serves(phone, ['--no-sync']);
    return phone;
  }

  async #servesCenter(data, seeded) {
    const { token } = await run('siaga-center', ['token', '--data', data, '--name', 'e2e', '--json']);
    const [console, field] = [await freePort(), await freePort()];
    const running = serve('siaga-center', ['serve', '--data', data, '--listen', `127.0.0.1:${console}`, '--field-listen', `127.0.0.1:${field}`]);
    this.#started.push(running);
    const center = new Center(data, `http://127.0.0.1:${console}`, `https://127.0.0.1:${field}`, token, seeded);
    await until(`the center to answer (${running.said()})`, async () => (await fetch(`${center.url}/health`)).ok);
    return center;
  }

  /** A phone the center knows, with its page served and the background exchange running. */
  async phone(center, { name, unit, role }) {
    const home = join(this.folder, name.toLowerCase().replaceAll(' ', '-'));
    const invitation = await center.command(['invite', '--unit', unit, '--role', role, '--name', name, '--unattended', '--field-url', center.field]);
    await run('siaga-field', ['--home', home, '--json', 'enrol', invitation.link]);
    await run('siaga-field', ['--home', home, '--json', 'sync']);
    const phone = new Phone(home);
    await this.serves(phone);
    return phone;
  }

  /** A phone no center knows, with its page served. */
  async unknownPhone(name) {
    const phone = new Phone(join(this.folder, name.toLowerCase().replaceAll(' ', '-')));
    await this.serves(phone);
    return phone;
  }

  /** Serves the page of a phone that stands still, with its exchange beside it. */
  async serves(phone, more = []) {
    const port = await freePort();
    const running = serve('siaga-field', ['--home', phone.home, 'serve', '--listen', `127.0.0.1:${port}`, ...more]);
    this.#started.push(running);
    const address = await until('the address of the page', () => running.said().match(/http:\/\/[^\s"]+#s=[A-Za-z0-9_-]+/)?.[0]);
    phone.at(address, running);
  }
}

class Center {
  constructor(data, url, field, token, seeded) {
    Object.assign(this, { data, url, field, token, seeded });
  }

  command(args) {
    return run('siaga-center', [...args, '--data', this.data, '--json']);
  }

  /** The HTTP API, as another 112 system asks it. */
  async ask(method, path, body) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }

  async get(path) {
    return (await this.ask('GET', path)).json();
  }

  async post(path, body) {
    const answer = await this.ask('POST', path, body);
    const text = await answer.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** A call with a unit ordered to it: the ids of both. */
  async call({ category, village, narrative, priority = '1', unit, landmark, point }) {
    const made = await this.post('/api/incidents', { category, village, narrative, priority, ...(landmark === undefined ? {} : { landmark }), ...point });
    const incident = made.summary.id;
    if (unit === undefined) return { incident };
    // A story orders one unit again and again; the center takes that with a reason.
    const { id: assignment } = await this.post('/api/assignments', { incident, unit, also: 'latihan' });
    return { incident, assignment };
  }
}

class Phone {
  #running;

  constructor(home) {
    this.home = home;
  }

  at(address, running) {
    this.address = address;
    this.url = new URL(address).origin;
    this.session = new URL(address).hash.replace(/^#s=/, '');
    this.#running = running;
  }

  /** Nothing of it runs any more; its home stays. */
  stop() {
    return this.#running.stop();
  }

  #files() {
    const all = readdirSync(this.home, { recursive: true, withFileTypes: true });
    return all.filter((one) => one.isFile()).map((one) => join(one.parentPath ?? one.path, one.name));
  }

  /** Its home as it is now, for [`putBack`]; while nothing runs. */
  backup() {
    return new Map(this.#files().map((path) => [path, readFileSync(path)]));
  }

  /** Puts a backup back to the byte, into the same files and into none that it would not change: nothing in the home can tell. */
  putBack(backup) {
    for (const path of this.#files()) if (!backup.has(path)) rmSync(path);
    for (const [path, bytes] of backup) if (!existsSync(path) || !readFileSync(path).equals(bytes)) writeFileSync(path, bytes);
  }

  /** A command on the command line, beside the served page. */
  run(...args) {
    return run('siaga-field', ['--home', this.home, '--json', ...args]);
  }

  /** A command as the page sends it. */
  async ask(command, request = {}) {
    const answer = await fetch(`${this.url}/api/${command}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Siaga-Session': this.session },
      body: JSON.stringify(request),
    });
    if (!answer.ok) throw new Error(`${command} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  /** Alters its database behind its back, as a disk or a restored backup does. */
  alter(...sql) {
    return run('examples/alter_home', [this.home, ...sql]);
  }

  /** In a building without signal, or out of it again. */
  offline(on) {
    return this.ask('offline', { on });
  }
}
