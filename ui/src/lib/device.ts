// The phone itself, where the page runs in its app: `siagaDevice` is put there by PageBridge.kt. In a browser there is none.
// Nothing of a record passes here; that is api.ts.

/** What a person can be led to, named as Screens.kt names it. */
export type Setting = 'location' | 'location_always' | 'location_on' | 'notifications' | 'battery' | 'full_screen' | 'clock' | 'space' | 'maker';

interface Bridge {
  floor: () => string;
  follow: (address: string) => boolean;
  settings: (which: string) => boolean;
  /** Not in the first apps. */
  share?: (text: string) => boolean;
  rings?: () => boolean;
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

/** The app's service sounds an alarm now. Where nothing can tell it does not: a second sound costs nobody a life. */
export function serviceRings(): boolean {
  try {
    return bridge()?.rings?.() === true;
  } catch {
    return false;
  }
}

/** What became of a text that was to leave the page. */
export type Shared = 'offered' | 'cancelled' | 'copied' | 'failed';

/** The phone's own choice of apps, else the browser's, else the clipboard. Nobody is told that something was sent: the page cannot know. */
export async function share(text: string): Promise<Shared> {
  if (offeredByPhone(text)) return 'offered';
  if ('share' in navigator) {
    try {
      await navigator.share({ text });
      return 'offered';
    } catch (error) {
      const name = error instanceof Error || error instanceof DOMException ? error.name : '';
      // Closed without a choice, or touched again while the choice is still open.
      if (name === 'AbortError' || name === 'InvalidStateError') return 'cancelled';
    }
  }
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    // Not over plain HTTP, and not where the browser forbids it.
    return 'failed';
  }
}

function offeredByPhone(text: string): boolean {
  try {
    return bridge()?.share?.(text) === true;
  } catch {
    // What Kotlin throws arrives here without a name.
    return false;
  }
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
