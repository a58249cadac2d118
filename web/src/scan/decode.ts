// Reads the code in a picture. Not with the browser's BarcodeDetector: it gives text, and what is no UTF-8 comes out
// spoilt, while our codes are binary so that no camera app takes them for a link.
import { decodeQR, type Image } from "qr/decode.js";
import { bytesOf, latin1 } from "./protocol";

/** The bytes of the code; `undefined` if none can be read. */
export function decode(image: Image, timeMs: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return bytesOf(decodeQR(image, { format: "RGBA", textDecoder: latin1, timeLimit: timeMs }));
  } catch {
    return undefined;
  }
}
