// The routes that this client uses. Names are the operation ids of the API.
import type { Http } from "./http";
import type { RosterQuery } from "./outcomes";
import type { Wire } from "./wire";

/** Pages of a roster that are fetched at most. */
const MAX_ROSTER_PAGES = 1_000;
export const MAX_EVENTS_PER_PAGE = 200;

export class Routes {
  constructor(readonly http: Http) {}

  register(body: Wire["RegisterRequest"]): Promise<Wire["SessionResponse"]> {
    return this.http.run({ method: "POST", path: "/auth/register", body, anonymous: true });
  }
  createChallenge(): Promise<Wire["ChallengeResponse"]> {
    return this.http.run({ method: "POST", path: "/auth/challenges", anonymous: true, repeatable: true });
  }
  login(body: Wire["LoginRequest"]): Promise<Wire["SessionResponse"]> {
    return this.http.run({ method: "POST", path: "/auth/login", body, anonymous: true });
  }
  logout(body: Wire["LogoutRequest"]): Promise<void> {
    return this.http.run({ method: "POST", path: "/auth/logout", body });
  }
  logoutOthers(body: Wire["LogoutOthersRequest"]): Promise<Wire["LogoutOthersResponse"]> {
    return this.http.run({ method: "POST", path: "/auth/logout-others", body });
  }
  getAccount(): Promise<Wire["Account"]> {
    return this.http.get("/api/account");
  }
  updateAccount(body: Wire["UpdateAccountRequest"]): Promise<Wire["Account"]> {
    return this.http.run({ method: "PATCH", path: "/api/account", body, repeatable: true });
  }
  changePassword(new_password: string): Promise<void> {
    return this.http.run({ method: "POST", path: "/api/account/password", body: { new_password } });
  }
  deleteAccount(): Promise<void> {
    return this.http.run({ method: "DELETE", path: "/api/account" });
  }
  /** The access token counts as fresh for 5 minutes. */
  async stepUp(password: string): Promise<void> {
    const body: Wire["StepUpRequest"] = { password };
    const fresh = await this.http.run<Wire["StepUpResponse"]>({ method: "POST", path: "/auth/step-up", body });
    const refreshToken = this.http.tokens?.refreshToken ?? "";
    this.http.adopt({ ...fresh, refresh_token: refreshToken });
  }
  getUserByName(username: string): Promise<Wire["UserSummary"]> {
    return this.http.get(`/api/users/by-name/${encodeURIComponent(username)}`);
  }
  listBlocks(): Promise<Wire["BlockList"]> {
    return this.http.get("/api/blocks");
  }
  blockUser(id: string): Promise<unknown> {
    return this.http.run({ method: "PUT", path: `/api/blocks/${id}`, repeatable: true });
  }
  unblockUser(id: string): Promise<unknown> {
    return this.http.run({ method: "DELETE", path: `/api/blocks/${id}`, repeatable: true });
  }
  createTicket(): Promise<Wire["TicketResponse"]> {
    return this.http.run({ method: "POST", path: "/api/ws-tickets", repeatable: true });
  }

  listDevices(): Promise<Wire["Devices"]> {
    return this.http.get("/api/devices");
  }
  revokeDevice(id: string, body: Wire["RevokeDeviceRequest"]): Promise<Wire["RevocationReceipt"]> {
    return this.http.run({ method: "POST", path: `/api/devices/${id}/revoke`, body });
  }
  renameDevice(id: string, name: string): Promise<unknown> {
    return this.http.run({ method: "PATCH", path: `/api/devices/${id}`, body: { name }, repeatable: true });
  }
  getRecovery(): Promise<Wire["RecoveryResponse"]> {
    return this.http.get("/api/recovery");
  }
  completeRecovery(body: Wire["CompleteRecoveryRequest"]): Promise<Wire["SessionResponse"]> {
    return this.http.run({ method: "POST", path: "/api/recovery/complete", body });
  }

  queryKeys(body: Wire["QueryKeysRequest"]): Promise<Wire["QueryKeysResponse"]> {
    return this.http.run({ method: "POST", path: "/api/keys/query", body, repeatable: true });
  }
  claimKeys(body: Wire["ClaimKeysRequest"]): Promise<Wire["ClaimKeysResponse"]> {
    return this.http.run({ method: "POST", path: "/api/keys/claim", body, repeatable: true });
  }
  uploadKeys(body: Wire["UploadKeysRequest"]): Promise<Wire["OneTimeKeyCount"]> {
    return this.http.run({ method: "POST", path: "/api/keys/one-time", body, repeatable: true });
  }
  compareKeysDigest(body: Wire["KeysDigestRequest"]): Promise<Wire["KeysDigestResponse"]> {
    return this.http.run({ method: "POST", path: "/api/keys/digest", body, repeatable: true });
  }

  createConversation(body: Wire["CreateConversationRequest"]): Promise<Wire["MembershipResponse"]> {
    return this.http.run({ method: "POST", path: "/api/conversations", body });
  }
  changeMembership(id: string, body: Wire["ChangeMembershipRequest"]): Promise<Wire["MembershipResponse"]> {
    return this.http.run({ method: "POST", path: `/api/conversations/${id}/membership`, body });
  }
  getConversation(id: string): Promise<Wire["Conversation"]> {
    return this.http.get(`/api/conversations/${id}`);
  }
  acceptConversation(id: string): Promise<unknown> {
    return this.http.run({ method: "POST", path: `/api/conversations/${id}/accept`, repeatable: true });
  }
  declineConversation(id: string): Promise<unknown> {
    return this.http.run({ method: "POST", path: `/api/conversations/${id}/decline` });
  }
  sendEnvelopes(id: string, body: Wire["SendEnvelopesRequest"]): Promise<unknown> {
    return this.http.run({ method: "POST", path: `/api/conversations/${id}/envelopes`, body, repeatable: true });
  }
  listEvents(id: string, after: number): Promise<Wire["EventPage"]> {
    return this.http.get(`/api/conversations/${id}/events?after=${after}&limit=${MAX_EVENTS_PER_PAGE}`);
  }

  removeMessage(id: string, seq: number): Promise<unknown> {
    return this.http.run({ method: "DELETE", path: `/api/conversations/${id}/messages/${seq}`, repeatable: true });
  }

  /** All pages of a roster put together. */
  async getRoster(query: RosterQuery): Promise<Wire["Roster"]> {
    let whole: Wire["Roster"] | undefined;
    let since = query.chain_since;
    for (let page = 0; page < MAX_ROSTER_PAGES; page += 1) {
      const path = `/api/conversations/${query.conversation_id}/roster?since=${query.since}&chain_since=${since}`;
      const part: Wire["Roster"] = await this.http.get(path);
      const chain: Wire["MembershipChange"][] = [...(whole?.chain ?? []), ...part.chain];
      whole = { ...part, chain };
      if (typeof part.chain_next !== "number") return whole;
      if (part.chain_next <= since) break;
      since = part.chain_next;
    }
    throw new Error("the server's roster has no end");
  }
}
