// The camera that reads a code, where this build has one.
import type { ComponentType } from "preact";
import { later } from "./later";

/** What `ui/scanner.tsx` has to be: it gives the bytes of every code that it reads. */
export interface ScannerProps {
  onBytes: (bytes: Uint8Array) => void;
}

type Module = { Scanner: ComponentType<ScannerProps> };
const [load] = Object.values(import.meta.glob<Module>("./scanner.tsx"));

/** `undefined`: numbers are compared. */
export const Scanner = load && later(async () => (await load()).Scanner);
