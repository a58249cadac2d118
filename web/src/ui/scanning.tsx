// The camera that reads a code, where this build has one.
import type { ComponentType } from "preact";
import { lazyPart } from "./lazy";

/** What `ui/scanner.tsx` has to be. */
export interface ScannerProps {
  /** Takes a code; gives words for the person if it is not the one that is wanted, and looks on. */
  onCode: (code: Uint8Array<ArrayBuffer>) => Promise<string | undefined> | string | undefined;
  hint: string;
}

type Module = { Scanner: ComponentType<ScannerProps> };
const [load] = Object.values(import.meta.glob<Module>("./scanner.tsx"));

/** `undefined`: numbers are compared. */
export const Scanner = load && lazyPart(async () => (await load()).Scanner);
