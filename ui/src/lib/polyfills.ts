// What Chrome 80 lacks and we or our libraries use. Import it before anything else.

interface Indexed<T> {
  readonly length: number;
  readonly [index: number]: T;
}

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) {
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

function at<T>(this: Indexed<T>, index: number): T | undefined {
  const whole = Math.trunc(index) || 0;
  return this[whole < 0 ? this.length + whole : whole];
}

define(Array.prototype, 'at', at);
define(String.prototype, 'at', at);
define(Array.prototype, 'findLast', function <T>(this: T[], test: (value: T, index: number) => boolean) {
  for (let index = this.length - 1; index >= 0; index -= 1) {
    const value = this[index] as T;
    if (test(value, index)) return value;
  }
  return undefined;
});
define(String.prototype, 'replaceAll', function (this: string, from: string | RegExp, to: string) {
  return typeof from === 'string' ? this.split(from).join(to) : this.replace(from, to);
});
define(Object, 'hasOwn', (target: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(target, key));
define(Object, 'fromEntries', (entries: Iterable<[string, unknown]>) => {
  const made: Record<string, unknown> = {};
  for (const [key, value] of entries) made[key] = value;
  return made;
});
define(globalThis, 'structuredClone', (value: unknown): unknown => JSON.parse(JSON.stringify(value)));
if (typeof Element !== 'undefined') {
  define(Element.prototype, 'replaceChildren', function (this: Element, ...nodes: (Node | string)[]) {
    while (this.firstChild) this.removeChild(this.firstChild);
    this.append(...nodes);
  });
}

export {};
