// A WebDriver client as small as this suite needs, and the display, bus and driver it runs on.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A port that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks again until the answer is not `undefined`; says what it waited for when it gives up. */
export async function until(what, ask, withinMs = 30_000) {
  const end = Date.now() + withinMs;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms for ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Starts a program in a group of its own, so that `stop` ends all that it started. */
export function start(program, args, env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  child.stdout.on('data', (bytes) => said.push(bytes));
  child.stderr.on('data', (bytes) => said.push(bytes));
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      said.push(Buffer.from(String(error)));
      resolve();
    });
    child.once('exit', resolve);
  });
  return {
    said: () => Buffer.concat(said).toString(),
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) {
        try {
          process.kill(-child.pid, 'SIGTERM');
        } catch {
          // It has just ended by itself.
        }
      }
      await ended;
    },
  };
}

/** The app, started by `tauri-driver` on a display of its own; the environment is the app's too. */
export class App {
  static async open(application, env) {
    const [port, nativePort] = [await freePort(), await freePort()];
    const driver = process.env.TAURI_DRIVER ?? 'tauri-driver';
    const running = start(
      'xvfb-run',
      ['--auto-servernum', '--server-args=-screen 0 1024x900x24', 'dbus-run-session', '--', driver, '--port', String(port), '--native-port', String(nativePort)],
      { ...env, WEBKIT_DISABLE_DMABUF_RENDERER: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1', NO_AT_BRIDGE: '1' },
    );
    const app = new App(running, `http://127.0.0.1:${port}`);
    try {
      await until('tauri-driver to listen', async () => ((await fetch(`${app.base}/status`)).ok ? true : undefined));
      const capabilities = { alwaysMatch: { browserName: 'wry', 'tauri:options': { application } } };
      const { sessionId } = await app.ask('POST', '/session', { capabilities });
      app.base += `/session/${sessionId}`;
      return app;
    } catch (error) {
      await running.stop();
      throw new Error(`the app was not opened: ${running.said()}`, { cause: error });
    }
  }

  constructor(running, base) {
    this.running = running;
    this.base = base;
  }

  async ask(method, path, body) {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
    return value;
  }

  /** Runs a script in the page and gives what it returns; `undefined` for nothing. */
  async run(script, ...args) {
    return (await this.ask('POST', '/execute/sync', { script, args })) ?? undefined;
  }

  /** What a person reads on the page. */
  text() {
    return this.run('return document.body.innerText');
  }

  async find(selector) {
    const element = await this.ask('POST', '/element', { using: 'css selector', value: selector });
    return Object.values(element)[0];
  }

  async type(selector, text) {
    await this.ask('POST', `/element/${await this.find(selector)}/value`, { text });
  }

  /** Waits until what the page shows may be pressed: a button whose meaning has just changed takes nothing. */
  async settle() {
    const script = 'const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(null)));';
    await this.ask('POST', '/execute/async', { script, args: [] });
    await until('the page to settle', async () => ((await this.run("return 'settling' in document.documentElement.dataset")) ? undefined : true));
  }

  /** Presses what has stood there long enough to be read. */
  async click(selector) {
    await this.settle();
    await this.ask('POST', `/element/${await this.find(selector)}/click`, {});
  }

  async close() {
    // Ends the window as a person does; the app must then end by itself.
    await this.ask('DELETE', '').catch(() => undefined);
    await this.running.stop();
  }
}
