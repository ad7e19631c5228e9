import { describe, expect, it } from 'vitest';
import { type Command, commandOf, KEY_OF, nextRow, type Pressed } from './keys';

function press(key: string, over: Partial<Pressed> = {}): Pressed {
  return { key, ctrlKey: false, altKey: false, metaKey: false, ...over };
}

describe('the keyboard', () => {
  it('knows a command by its letter, large or small', () => {
    expect(commandOf(press('n'), false)).toBe('new');
    expect(commandOf(press('N'), false)).toBe('new');
    expect(commandOf(press('/'), false)).toBe('search');
  });

  it('is silent while somebody types, except for Escape', () => {
    expect(commandOf(press('n'), true)).toBeNull();
    expect(commandOf(press('Escape'), true)).toBe('back');
  });

  it('leaves the combinations of the browser alone', () => {
    expect(commandOf(press('c', { ctrlKey: true }), false)).toBeNull();
  });

  it('gives every command a key of its own', () => {
    const keys = Object.values(KEY_OF);

    expect(new Set(keys).size).toBe(keys.length);
    expect(Object.keys(KEY_OF).every((command) => KEY_OF[command as Command].length > 0)).toBe(true);
  });

  it('stops at the ends of a list and enters it from above', () => {
    expect(nextRow('ArrowDown', -1, 3)).toBe(0);
    expect(nextRow('ArrowDown', 2, 3)).toBe(2);
    expect(nextRow('ArrowUp', 0, 3)).toBe(0);
    expect(nextRow('End', 0, 3)).toBe(2);
    expect(nextRow('Home', -1, 3)).toBeNull();
    expect(nextRow('ArrowDown', -1, 0)).toBeNull();
    expect(nextRow('x', 1, 3)).toBeNull();
  });
});
