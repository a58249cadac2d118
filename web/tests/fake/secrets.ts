// The fake server's recovery and key backup: rules as the real one has them, and switches for what can go wrong.
import type { Wire } from "../../src/core/wire";
import { type FakeServer, type Handler, problem } from "./server";

interface Kept {
  bundle: string;
  recoveryKey: Wire["RecoveryPublicKey"] | undefined;
  descriptor: Wire["BackupDescriptor"] | undefined;
  version: number;
  sessions: Map<string, Wire["BackupSession"]>;
}

export class FakeSecrets {
  readonly kept = new Map<string, Kept>();
  /** The new recovery key is stored, and the answer gets lost. */
  loseRecoveryAnswer = false;

  constructor(private readonly server: FakeServer) {
    server.more.push(this.#route);
  }

  readonly #route: Handler = (call, _query, body, bearer) => {
    if (call === "POST /auth/register") return this.#registered(body);
    if (call === "POST /auth/login") return this.#login(body);
    if (call === "POST /auth/step-up") return { access_token: bearer, token_type: "Bearer", expires_in_ms: 300_000 };
    const kept = this.kept.get(bearer);
    if (!kept) return undefined;
    const [, version] = call.match(/backup\/(\d+)\/sessions$/) ?? [];
    if (version !== undefined) return this.#sessions(kept, Number(version), call, body);
    switch (call) {
      case "GET /api/backup":
        return stateOf(kept);
      case "PUT /api/backup":
        return putBackup(kept, body);
      case "PUT /api/recovery/key":
        return this.#putRecoveryKey(kept, body);
      case "GET /api/recovery":
        return { recovery_bundle: kept.bundle, identity: this.server.accounts.get(bearer)?.identity };
      case "POST /api/recovery/complete":
        return this.#complete(bearer, body);
      default:
        return undefined;
    }
  };

  #registered({ device_keys, recovery_bundle }: Wire["RegisterRequest"]): undefined {
    const sessions = new Map();
    const fresh = { recoveryKey: undefined, descriptor: undefined, version: 0, sessions };
    this.kept.set(device_keys.user_id, { bundle: recovery_bundle, ...fresh });
  }

  #login({ username }: Wire["LoginRequest"]): unknown {
    const [user_id] = [...this.server.accounts].find(([, account]) => account.username === username) ?? [];
    return sessionOf(user_id ?? "", crypto.randomUUID(), false);
  }

  #putRecoveryKey(kept: Kept, { recovery_key, recovery_bundle }: Wire["PutRecoveryKeyRequest"]): unknown {
    const again = JSON.stringify(kept.recoveryKey) === JSON.stringify(recovery_key);
    if (again) return this.loseRecoveryAnswer ? problem("internal", 500) : null;
    if (kept.recoveryKey && recovery_key.version <= kept.recoveryKey.version) return problem("chain_conflict", 409);
    if (kept.recoveryKey && !recovery_bundle) return problem("invalid_request", 400);
    kept.recoveryKey = recovery_key;
    kept.bundle = recovery_bundle ?? kept.bundle;
    kept.descriptor = undefined;
    kept.sessions.clear();
    return this.loseRecoveryAnswer ? problem("internal", 500) : null;
  }

  #sessions(kept: Kept, version: number, call: string, body: never): unknown {
    if (version !== kept.version || !kept.descriptor) return problem("chain_conflict", 409);
    if (call.startsWith("GET")) return { sessions: [...kept.sessions.values()] };
    for (const one of (body as Wire["PutBackupSessionsRequest"]).sessions) kept.sessions.set(one.session_id, one);
    return { sessions: kept.sessions.size };
  }

  #complete(user: string, { device_keys, device_list }: Wire["CompleteRecoveryRequest"]): unknown {
    const account = this.server.accounts.get(user);
    account?.identity.lists.push(device_list);
    account?.identity.device_keys.push(device_keys);
    for (const room of this.server.rooms.values()) this.server.bump(room.id);
    return sessionOf(user, device_keys.device_id, true);
  }
}

const stateOf = (kept: Kept): Wire["Backup"] => ({
  recovery_key: kept.recoveryKey ?? null,
  recovery_version: kept.recoveryKey?.version ?? 0,
  descriptor: kept.descriptor ?? null,
  version: kept.version,
  sessions: kept.sessions.size,
});

function putBackup(kept: Kept, { descriptor }: Wire["PutBackupRequest"]): unknown {
  if (descriptor.version !== kept.version + 1) return problem("chain_conflict", 409);
  kept.descriptor = descriptor;
  kept.version = descriptor.version;
  kept.sessions.clear();
  return stateOf(kept);
}

/** The fake server's token is the user's id. */
export function sessionOf(user_id: string, device_id: string, verified: boolean): Wire["SessionResponse"] {
  const tokens = { access_token: user_id, token_type: "Bearer", expires_in_ms: 600_000, refresh_token: "r" };
  return { user_id, device_id, verified, ...tokens } as Wire["SessionResponse"];
}
