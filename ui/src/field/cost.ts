// Whether bytes are paid for, as far as the platform says: WebViews of Android do, most browsers on a desk do not.
import type { LinkCost } from '../generated/LinkCost';

/** https://wicg.github.io/netinfo/ is no standard yet, so nothing of it is taken for granted. */
interface Said {
  type?: unknown;
  saveData?: unknown;
}

function said(): (Said & Partial<EventTarget>) | null {
  const found: unknown = 'connection' in navigator ? navigator.connection : null;
  return typeof found === 'object' ? found : null;
}

export function costOf(link: Said | null = said()): LinkCost {
  if (link === null) return 'unknown';
  if (link.saveData === true) return 'metered';
  if (link.type === 'wifi' || link.type === 'ethernet') return 'free';
  return link.type === 'cellular' || link.type === 'bluetooth' || link.type === 'wimax' ? 'metered' : 'unknown';
}

/** Calls back when the link becomes another. Returns the function that stops it. */
export function watchCost(changed: () => void): () => void {
  const link = said();
  link?.addEventListener?.('change', changed);
  return () => link?.removeEventListener?.('change', changed);
}
