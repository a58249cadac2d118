// The WebAssembly module, loaded once.
import init, {
  ExistingLink,
  HistoryManifest,
  HistoryReader,
  HistoryWriter,
  type InitInput,
  Machine,
  NewLink,
  RecoveryKey,
} from "../../build/crypto/crypto";
import { Engine } from "./engine";

export { ExistingLink, HistoryManifest, HistoryReader, HistoryWriter, Machine, NewLink, RecoveryKey };

/** Loads the module; call it before anything else here. */
export async function loadCrypto(module: InitInput): Promise<void> {
  await init({ module_or_path: module });
}

/** Makes engines. After a trap the module's memory is not to be trusted: `crashed` is told, and nothing else helps. */
export function engines(now: () => number, crashed: () => void) {
  const engineOf = (machine: Machine) => new Engine(guarded(machine, crashed), now);
  return {
    engineOf,
    load: (records: [string, Uint8Array][]) => engineOf(Machine.load(records)),
  };
}

function guarded(machine: Machine, crashed: () => void): Machine {
  return new Proxy(machine, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        try {
          return member.apply(target, args) as unknown;
        } catch (error) {
          if (error instanceof WebAssembly.RuntimeError) crashed();
          throw error;
        }
      };
    },
  });
}
