import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** One turn of the two tones, milliseconds. */
const TURN_MS = 1_400;

let tones = 0;
let state = 'running';
let alarm: typeof import('./alarm.svelte');

class Speaker {
  currentTime = 0;
  destination = {};
  get state() {
    return state;
  }
  resume() {
    return Promise.resolve();
  }
  createGain() {
    return { gain: { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined }, connect: () => undefined };
  }
  createOscillator() {
    const started = () => (tones += 1);
    return { type: '', frequency: { value: 0 }, connect: (next: unknown) => next, start: started, stop: () => undefined };
  }
}

beforeEach(async () => {
  tones = 0;
  state = 'running';
  vi.useFakeTimers();
  vi.stubGlobal('AudioContext', Speaker);
  vi.stubGlobal('navigator', { vibrate: vi.fn() });
  // Each page has its own sound.
  vi.resetModules();
  alarm = await import('./alarm.svelte');
});
afterEach(() => {
  alarm.silence();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** As PageBridge.kt offers itself, with what its service does. */
function app(rings?: () => boolean) {
  const made = { floor: () => 'full', follow: () => true, settings: () => true };
  vi.stubGlobal('siagaDevice', rings === undefined ? made : { ...made, rings });
}

test.each([
  ['a browser', () => undefined],
  ['an app that cannot tell', () => app()],
  ['an app whose service does not ring', () => app(() => false)],
  ['an app that does not answer', () => app(() => { throw new Error('Java exception was raised during method invocation'); })],
])('%s sounds until a human acts', (_, arrange) => {
  arrange();

  alarm.sound();
  vi.advanceTimersByTime(2 * TURN_MS);
  expect(tones).toBe(6);

  alarm.silence();
  vi.advanceTimersByTime(5 * TURN_MS);
  expect(tones).toBe(6);
});

test('while the service rings the page is still, shakes nothing and asks for no touch', () => {
  app(() => true);
  state = 'suspended';

  alarm.sound();
  vi.advanceTimersByTime(3 * TURN_MS);

  expect(tones).toBe(0);
  expect(navigator.vibrate).not.toHaveBeenCalled();
  expect(alarm.isMuted()).toBe(false);
});

test('the page begins when the service falls silent and the alarm goes on, and rests when it rings again', () => {
  let rings = true;
  app(() => rings);

  alarm.sound();
  vi.advanceTimersByTime(TURN_MS);
  expect(tones).toBe(0);

  rings = false;
  vi.advanceTimersByTime(TURN_MS);
  expect(tones).toBe(2);

  rings = true;
  vi.advanceTimersByTime(4 * TURN_MS);
  expect(tones).toBe(2);
});

test('a browser that holds the sound back says so', () => {
  state = 'suspended';

  alarm.sound();

  expect([tones, alarm.isMuted()]).toEqual([0, true]);
});
