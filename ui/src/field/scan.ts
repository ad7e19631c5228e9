// Reads a QR code: live with the phone's own detector where the WebView has one that works, else from a photograph. Android's
// detector needs Google Play services; a photograph is read here, by nobody else.
import { tracksItself } from '../lib/device';
import { drawn } from '../lib/photo';

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

const EVERY_MS = 250;

function detectorClass(): DetectorClass | null {
  const found: unknown = Reflect.get(globalThis, 'BarcodeDetector');
  return typeof found === 'function' ? (found as DetectorClass) : null;
}

/** In the app no live picture is asked for: its detector may wait for a download that never comes, and the camera app needs no permission. */
export function canScan(): boolean {
  return detectorClass() !== null && 'mediaDevices' in navigator && !tracksItself();
}

/** Shows the camera in `video` and calls back with the first code. Rejects when there is no camera. */
export async function scan(video: HTMLVideoElement, found: (text: string) => void): Promise<() => void> {
  const made = detectorClass();
  if (made === null) throw new Error('no detector');
  const detector = new made({ formats: ['qr_code'] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  video.srcObject = stream;
  await video.play();
  const timer = setInterval(() => {
    detector.detect(video).then((codes) => {
      const first = codes[0];
      if (first !== undefined) found(first.rawValue);
    }, () => undefined);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
  };
}

/** Longest edge, pixels: a code that fills half the picture is still read, and an old phone is done within a second. */
const LONGEST_EDGE = 1200;

/** The text of the code on a photograph; `null` when there is none to be read. Rejects when the file is no picture. */
export async function readCode(file: File): Promise<string | null> {
  const { default: read } = await import('jsqr');
  const picture = await createImageBitmap(file);
  // Once smaller, once as it is: a code far away is lost in the one, noise finds nothing in the other.
  for (const edge of [LONGEST_EDGE, 2 * LONGEST_EDGE]) {
    const { canvas, pen } = drawn(picture, edge);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    const found = read(data, width, height, { inversionAttempts: 'attemptBoth' })?.data ?? '';
    if (found !== '') return found;
    if (edge >= Math.max(picture.width, picture.height)) break;
  }
  return null;
}
