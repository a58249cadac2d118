// Routes of linking, history, backup and recovery. Names are the operation ids of the API.
import type { Http } from "./http";
import type { Wire } from "./wire";

/** Chunks of a history are large, and phones slow. */
const LARGE_MS = 60_000;

export const getBackup = (http: Http) => http.get<Wire["Backup"]>("/api/backup");

export const putBackup = (http: Http, descriptor: Wire["BackupDescriptor"]) =>
  http.run<Wire["Backup"]>({ method: "PUT", path: "/api/backup", body: { descriptor }, repeatable: true });

export const listBackupSessions = (http: Http, version: number, after: string | undefined) =>
  http.get<Wire["BackupPage"]>(
    `/api/backup/${version}/sessions${after === undefined ? "" : `?after=${encodeURIComponent(after)}`}`,
  );

export const putBackupSessions = (http: Http, version: number, sessions: Wire["BackupSession"][]) =>
  http.run<Wire["BackupCount"]>({
    method: "POST",
    path: `/api/backup/${version}/sessions`,
    body: { sessions },
    repeatable: true,
  });

export const putRecoveryKey = (http: Http, body: Wire["PutRecoveryKeyRequest"]) =>
  http.run<void>({ method: "PUT", path: "/api/recovery/key", body, repeatable: true });

/** Not to be repeated blindly: the same keys again are refused. */
export const resetIdentity = (http: Http, body: Wire["ResetIdentityRequest"]) =>
  http.run<Wire["ResetIdentityResponse"]>({ method: "POST", path: "/api/account/identity", body });

/** All conversations of this account, as the server has them. */
export async function listConversations(http: Http): Promise<Wire["Conversation"][]> {
  const all: Wire["Conversation"][] = [];
  let after = "";
  for (;;) {
    const page = await http.get<Wire["Conversations"]>(`/api/conversations${after}`);
    all.push(...page.conversations);
    if (!page.next || page.conversations.length === 0) return all;
    after = `?after=${encodeURIComponent(page.next)}`;
  }
}

export const createHistory = (http: Http, chunks: number) =>
  http.run<Wire["History"]>({ method: "POST", path: "/api/history", body: { chunks } });

export const getHistory = (http: Http, id: string) => http.get<Wire["History"]>(history(id));

export const deleteHistory = (http: Http, id: string) =>
  http.run<void>({ method: "DELETE", path: history(id), repeatable: true });

/** `not_found` also while it is not uploaded yet. */
export const getHistoryChunk = (http: Http, id: string, index: number) =>
  http.run<Wire["HistoryChunk"]>({
    method: "GET",
    path: `${history(id)}/chunks/${index}`,
    repeatable: true,
    timeoutMs: LARGE_MS,
  });

export const putHistoryChunk = (http: Http, id: string, index: number, data: string) =>
  http.run<Wire["HistoryProgress"]>({
    method: "PUT",
    path: `${history(id)}/chunks/${index}`,
    body: { data },
    repeatable: true,
    timeoutMs: LARGE_MS,
  });

const history = (id: string) => `/api/history/${encodeURIComponent(id)}`;
