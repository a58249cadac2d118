// Between a page and the worker that looks for codes.
export interface Frame {
  id: number;
  bitmap: ImageBitmap;
  /** How long it may be looked at. */
  timeMs: number;
}

export interface Found {
  id: number;
  bytes: Uint8Array<ArrayBuffer> | undefined;
}

/** Text that stands for bytes one by one: codes are binary, and their readers speak in strings. */
export const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));
