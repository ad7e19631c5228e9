import { afterEach, expect, test, vi } from 'vitest';
import { followLinks, grant, serviceRings, share, showsMaps, tracksItself } from './device';

afterEach(() => vi.unstubAllGlobals());

function phone(floor = 'full') {
  const made = { floor: () => floor, follow: vi.fn(() => true), settings: vi.fn(() => true) };
  vi.stubGlobal('siagaDevice', made);
  return made;
}

test('a browser has no phone, and shows maps', () => {
  expect([tracksItself(), showsMaps(), grant('battery')]).toEqual([false, true, false]);
});

test('a phone leads to its settings, and its WebView may show no map', () => {
  const made = phone('plain');

  expect([tracksItself(), showsMaps(), grant('battery')]).toEqual([true, false, true]);
  expect(made.settings).toHaveBeenCalledWith('battery');
});

test('something else of that name is no phone', () => {
  vi.stubGlobal('siagaDevice', { floor: () => 'plain' });

  expect([tracksItself(), showsMaps()]).toEqual([false, true]);
});

/** As much of a page as a click needs. */
function page(href: string) {
  class Link {
    closest() {
      return { getAttribute: () => href };
    }
  }
  vi.stubGlobal('Element', Link);
  let clicked: ((event: { target: unknown; preventDefault: () => void }) => void) | undefined;
  const made = { addEventListener: (_: string, heard: typeof clicked) => (clicked = heard) };
  followLinks(made as unknown as Document);
  const preventDefault = vi.fn();
  clicked?.({ target: new Link(), preventDefault });
  return preventDefault;
}

test('numbers and places are opened by the phone, pages of the app are not', () => {
  const made = phone();

  const number = page('tel:112');
  const own = page('#/tasks');

  expect(made.follow.mock.calls).toEqual([['tel:112']]);
  expect([number.mock.calls.length, own.mock.calls.length]).toEqual([1, 0]);
});

/** A browser with as much as is given, and no phone around it. */
function browser(offers: { share?: () => Promise<void>; writeText?: () => Promise<void> }) {
  const { share: offer, writeText } = offers;
  vi.stubGlobal('navigator', { ...(offer && { share: offer }), ...(writeText && { clipboard: { writeText } }) });
}

test('a text goes to the phone first, and to nobody beside it', async () => {
  const asked = vi.fn((_: string) => true);
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal('siagaDevice', { ...phone(), share: asked });
  browser({ writeText });

  expect(await share('banjir')).toBe('offered');

  expect(asked).toHaveBeenCalledWith('banjir');
  expect(writeText).not.toHaveBeenCalled();
});

test.each([
  ['refuses', () => false],
  ['throws', () => { throw new Error('Java exception was raised during method invocation'); }],
])('a phone that %s leaves the text to the clipboard', async (_, asked) => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal('siagaDevice', { ...phone(), share: asked });
  browser({ writeText });

  expect(await share('banjir')).toBe('copied');

  expect(writeText).toHaveBeenCalledWith('banjir');
});

test('an older app without the method is no obstacle', async () => {
  phone();
  browser({ share: () => Promise.resolve() });

  expect(await share('banjir')).toBe('offered');
});

test('a choice that was closed is no failure, and copies nothing', async () => {
  const writeText = vi.fn(() => Promise.resolve());
  browser({ share: () => Promise.reject(new DOMException('closed', 'AbortError')), writeText });

  expect(await share('banjir')).toBe('cancelled');
  expect(writeText).not.toHaveBeenCalled();
});

test('a browser that may not share copies, and one that may not copy either says so', async () => {
  const refused = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  browser({ share: refused, writeText: () => Promise.resolve() });
  expect(await share('banjir')).toBe('copied');

  browser({ share: refused, writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) });
  expect(await share('banjir')).toBe('failed');

  browser({});
  expect(await share('banjir')).toBe('failed');
});

test('only a phone that says so rings by itself', () => {
  expect(serviceRings()).toBe(false);

  const app = phone();
  expect(serviceRings()).toBe(false);

  vi.stubGlobal('siagaDevice', { ...app, rings: () => true });
  expect(serviceRings()).toBe(true);

  vi.stubGlobal('siagaDevice', { ...app, rings: () => { throw new Error('Java exception was raised during method invocation'); } });
  expect(serviceRings()).toBe(false);
});
