// The fake server's recovery and key backup: rules as the real one has them, and switches for what can go wrong.
import type { Wire } from "../../src/core/wire";
import { type FakeServer, type Handler, problem } from "./server";

const PASSWORD = "correct horse";

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
  /** Every new identity that was asked for, as bytes. */
  readonly resets: string[] = [];
  /** A new identity is refused with this. */
  refuseReset: Wire["ProblemCode"] | undefined;

  constructor(private readonly server: FakeServer) {
    server.more.push(this.#route);
  }

  readonly #route: Handler = (call, _query, body, bearer) => {
    if (call === "POST /auth/register") return this.#registered(body);
    if (call === "POST /auth/login") return this.#login(body);
    if (call === "POST /auth/challenges") return { challenge: "challenge" };
    if (call === "POST /auth/step-up" && (body as Wire["StepUpRequest"]).password !== PASSWORD)
      return problem("wrong_credentials", 401);
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
      case "POST /api/account/identity":
        return this.#reset(bearer, kept, body);
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

  #login({ username, password, known_device }: Wire["LoginRequest"]): unknown {
    const [user_id, account] = [...this.server.accounts].find(([, one]) => one.username === username) ?? [];
    const known = known_device?.device_id;
    if (!user_id || password !== PASSWORD || (known && known !== account?.device))
      return problem("wrong_credentials", 401);
    return sessionOf(user_id, known ?? crypto.randomUUID(), known !== undefined);
  }

  #reset(user: string, kept: Kept, body: Wire["ResetIdentityRequest"]): unknown {
    this.resets.push(JSON.stringify(body));
    if (this.refuseReset) return problem(this.refuseReset, this.refuseReset === "internal" ? 500 : 400);
    const { master_key, self_signing_key, device_list, device_keys, recovery_bundle, recovery_key } = body;
    const before = this.server.accounts.get(user)?.identity.master_key;
    if (JSON.stringify(before) === JSON.stringify(master_key)) return problem("invalid_key", 400);
    const version = kept.recoveryKey?.version ?? 0;
    if (recovery_key?.version !== version + 1) return problem("chain_conflict", 409);
    Object.assign(kept, { bundle: recovery_bundle, recoveryKey: recovery_key, descriptor: undefined });
    kept.sessions.clear();
    this.server.replace(user, { master_key, self_signing_key, lists: [device_list], device_keys: [device_keys] });
    return { list_version: 1, conversations_bumped: 1, receipts: [] };
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
