// The sound of a new assignment: two rising tones until a human acts. A browser lets no page sound before it was
// touched once, so any first touch wakes the audio and a waiting alarm begins with it. In the app the service sounds
// the same alarm, louder and on a locked phone too: while it does, the page is still, and asks anew before each tone.
import { serviceRings } from '../lib/device';

const PATTERN_MS = 1_400;
const TONES = [
  { at: 0, hertz: 740 },
  { at: 0.28, hertz: 988 },
] as const;
const TONE_S = 0.24;
const LOUD = 0.35;

let audio: AudioContext | null = null;
let repeating: ReturnType<typeof setInterval> | null = null;
let muted = $state(false);

/** Whether the browser is holding the sound back until somebody touches the page. */
export function isMuted(): boolean {
  return muted;
}

/** Before the first touch a browser refuses to shake the phone, and complains. */
function wasTouched(): boolean {
  return 'userActivation' in navigator ? navigator.userActivation.hasBeenActive : true;
}

function context(): AudioContext | null {
  if (audio === null && typeof AudioContext !== 'undefined') audio = new AudioContext();
  return audio;
}

function once(): void {
  if (serviceRings()) {
    // Nothing is held back: nobody is asked to touch the page for its sound.
    muted = false;
    return;
  }
  if (wasTouched()) navigator.vibrate?.([300, 120, 300]);
  const speaker = context();
  muted = speaker !== null && speaker.state !== 'running';
  if (speaker === null || muted) return;
  for (const tone of TONES) {
    const from = speaker.currentTime + tone.at;
    const source = speaker.createOscillator();
    const volume = speaker.createGain();
    source.type = 'square';
    source.frequency.value = tone.hertz;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUD, from + 0.02);
    volume.gain.setValueAtTime(LOUD, from + TONE_S - 0.04);
    volume.gain.linearRampToValueAtTime(0, from + TONE_S);
    source.connect(volume).connect(speaker.destination);
    source.start(from);
    source.stop(from + TONE_S);
  }
}

/** Call it on the first touch of the page. */
export function wake(): void {
  void context()?.resume().catch(() => undefined);
}

export function sound(): void {
  if (repeating !== null) return;
  wake();
  once();
  repeating = setInterval(once, PATTERN_MS);
}

export function silence(): void {
  if (repeating === null) return;
  clearInterval(repeating);
  repeating = null;
  if (wasTouched()) navigator.vibrate?.(0);
}
