import { afterEach, expect, test, vi } from 'vitest';
import { followLinks, grant, showsMaps, tracksItself } from './device';

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
