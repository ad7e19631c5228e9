// A photograph on its way in: made small enough to cross a bad link, turned into the bytes the engine takes.
import type { Photo } from '../generated/Photo';

/** Longest edge, pixels: a number plate and a wound stay readable, a photo stays near 300 KB. */
const LONGEST_EDGE = 1600;
const QUALITY = 0.8;

/** The picture on a canvas of its own, its longest edge no longer than this. */
export function drawn(picture: ImageBitmap, longestEdge: number): { canvas: HTMLCanvasElement; pen: CanvasRenderingContext2D } {
  const scale = Math.min(1, longestEdge / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('no canvas');
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return { canvas, pen };
}

/** Rejects when the file is not a picture this phone can read. */
export async function readPhoto(file: File): Promise<Photo> {
  const picture = await createImageBitmap(file);
  const { canvas } = drawn(picture, LONGEST_EDGE);
  const url = canvas.toDataURL('image/jpeg', QUALITY);
  return { media: 'image/jpeg', base64: url.slice(url.indexOf(',') + 1) };
}

/** As an address that an `img` shows before anything is saved. */
export function previewOf(photo: Photo): string {
  return `data:${photo.media};base64,${photo.base64}`;
}
