// Looks for a code in pictures, beside the page.
import { decode } from "./decode";
import type { Found, Frame } from "./protocol";

/** Larger pictures are read no better, only slower. */
const LONGEST_SIDE = 1_600;

addEventListener("message", ({ data }: MessageEvent<Frame>) => {
  const { id, bitmap, timeMs } = data;
  const bytes = decode(pixelsOf(bitmap), timeMs);
  bitmap.close();
  postMessage({ id, bytes } satisfies Found);
});

function pixelsOf(bitmap: ImageBitmap): ImageData {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width as number, height as number);
  const context = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  // What is transparent counts as paper.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
