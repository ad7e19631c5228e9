// The phone itself, where the page runs in its app: `siagaDevice` is put there by PageBridge.kt. In a browser there is none.
// Nothing of a record passes here; that is api.ts.

/** What a person can be led to, named as Screens.kt names it. */
export type Setting = 'location' | 'location_always' | 'location_on' | 'notifications' | 'battery' | 'full_screen' | 'clock' | 'space' | 'maker';

interface Bridge {
  floor: () => string;
  follow: (address: string) => boolean;
  settings: (which: string) => boolean;
}

/** What Java puts into a page is asked for its methods: nothing else about such an object can be relied on. */
function isBridge(found: unknown): found is Bridge {
  return typeof found === 'object' && found !== null && ['floor', 'follow', 'settings'].every((name) => typeof Reflect.get(found, name) === 'function');
}

function bridge(): Bridge | null {
  const found: unknown = Reflect.get(globalThis, 'siagaDevice');
  return isBridge(found) ? found : null;
}

/** The service of the app looks for positions; the page does not. */
export function tracksItself(): boolean {
  return bridge() !== null;
}

/** Some phones' WebView is good for lists and forms and not for a map. */
export function showsMaps(): boolean {
  return bridge()?.floor() !== 'plain';
}

/** Opens the screen where a person grants what is missing; false where there is none. */
export function grant(which: Setting): boolean {
  return bridge()?.settings(which) ?? false;
}

/** Numbers and places leave the page by the phone's own apps: a WebView follows none of them by itself. */
export function followLinks(page: Document): void {
  page.addEventListener('click', (event) => {
    const phone = bridge();
    if (phone === null || !(event.target instanceof Element)) return;
    const address = event.target.closest('a[href]')?.getAttribute('href') ?? '';
    if (!/^(tel|geo|smsto):/i.test(address)) return;
    event.preventDefault();
    phone.follow(address);
  });
}
