// Reads a QR code with the phone's own detector where the WebView has one. Where it has none, the link is pasted.

interface Detector {
  detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

const EVERY_MS = 250;

function detectorClass(): DetectorClass | null {
  const found: unknown = Reflect.get(globalThis, 'BarcodeDetector');
  return typeof found === 'function' ? (found as DetectorClass) : null;
}

export function canScan(): boolean {
  return detectorClass() !== null && 'mediaDevices' in navigator;
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
