// The alarm: a tone made in the browser, so that no file has to arrive first. It repeats until nothing sounds.
// Browsers stay silent until somebody has pressed something; `audible` says so, and the page shows it.

interface Tone {
  hertz: number;
  atS: number;
  forS: number;
}

const CALM: readonly Tone[] = [
  { hertz: 660, atS: 0, forS: 0.18 },
  { hertz: 880, atS: 0.24, forS: 0.24 },
];
const URGENT: readonly Tone[] = [
  { hertz: 990, atS: 0, forS: 0.16 },
  { hertz: 740, atS: 0.2, forS: 0.16 },
  { hertz: 990, atS: 0.4, forS: 0.16 },
  { hertz: 740, atS: 0.6, forS: 0.16 },
];
const EVERY_MS = { calm: 5_000, urgent: 2_000 } as const;

export type Loudness = 'silent' | 'calm' | 'urgent';

export class Alarm {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private loudness: Loudness = 'silent';

  /** Whether a sound would be heard now. */
  audible(): boolean {
    return this.context?.state === 'running';
  }

  /** Call from a press: only then does a browser allow sound. */
  async unlock(): Promise<boolean> {
    this.context ??= new AudioContext();
    try {
      await this.context.resume();
    } catch {
      return false;
    }
    return this.audible();
  }

  set(loudness: Loudness): void {
    if (loudness === this.loudness) return;
    this.loudness = loudness;
    clearInterval(this.timer);
    if (loudness === 'silent') return;
    this.play();
    this.timer = setInterval(() => this.play(), EVERY_MS[loudness]);
  }

  stop(): void {
    this.set('silent');
    void this.context?.close();
    this.context = null;
  }

  private play(): void {
    const context = this.context;
    if (context === null || context.state !== 'running') return;
    for (const tone of this.loudness === 'urgent' ? URGENT : CALM) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      const start = context.currentTime + tone.atS;
      oscillator.frequency.value = tone.hertz;
      gain.gain.setValueAtTime(0.0001, start);
      gain.gain.exponentialRampToValueAtTime(0.25, start + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + tone.forS);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(start + tone.forS + 0.05);
    }
  }
}
