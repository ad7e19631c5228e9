import { beforeEach, describe, expect, it } from 'vitest';
import { keepDraft, keptDraft, keyOf, settle } from './once';

/** The storage of a tab. */
class Tab {
  private readonly kept = new Map<string, string>();
  getItem(name: string): string | null {
    return this.kept.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.kept.set(name, value);
  }
  removeItem(name: string): void {
    this.kept.delete(name);
  }
}

describe('a deed', () => {
  beforeEach(() => {
    Object.defineProperty(globalThis, 'sessionStorage', { value: new Tab(), configurable: true });
  });

  it('keeps its key until it was answered', () => {
    const first = keyOf('call');

    expect(keyOf('call')).toBe(first);
    settle('call');
    expect(keyOf('call')).not.toBe(first);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
  });

  it('has a key of its own', () => {
    expect(keyOf('/api/a {"text":"x"}')).not.toBe(keyOf('/api/a {"text":"y"}'));
  });

  it('keeps what was typed for the person who typed it', () => {
    keepDraft('siti', '{}');

    expect(keptDraft('siti')).toBe('{}');
    expect(keptDraft('rudi')).toBeNull();
    keepDraft('siti', null);
    expect(keptDraft('siti')).toBeNull();
  });
});
