// One call of the HTTP API: attempts, waits, tokens, and how an answer is read.
import { type Environment, fullJitter } from "./environment";
import { codeOf, didNothing, Garbled, isTemporary, Refused, retryAfterMs, SignedOut, Unreachable } from "./errors";
import type { Wire } from "./wire";

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 3_000;
/** Asked to wait longer than this, the caller decides. */
const LONGEST_RETRY_AFTER_MS = 15_000;
/** A call's time, the answer's body included. Registering costs the server an Argon2id. */
const TIMEOUT_MS = 20_000;
/** A token that expires sooner is refreshed before a socket is opened with it. */
const REFRESH_AHEAD_MS = 10_000;

/** An answer that took longer says nothing about the time. */
const SLOW_MS = 5_000;

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAtMs: number;
}

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** The same call again does no more than the first. */
  repeatable?: boolean;
  anonymous?: boolean;
  /** Longer than usual: the server holds the answer back. */
  timeoutMs?: number;
  /** Ends the call early. */
  signal?: AbortSignal;
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

export class Http {
  tokens: Tokens | undefined;
  /** Told when the tokens change, to store them. */
  onTokens: (tokens: Tokens | undefined) => void = () => {};
  /** Told how far this clock is ahead of the server's, to the second. */
  onSkew: (skewMs: number) => void = () => {};
  #refreshing: Promise<string> | undefined;

  constructor(
    private readonly base: string,
    private readonly environment: Environment,
    private readonly fetcher: Fetch = (input, init) => fetch(input, init),
  ) {}

  get<T>(path: string): Promise<T> {
    return this.run({ method: "GET", path, repeatable: true });
  }

  setTokens(tokens: Tokens | undefined): void {
    this.tokens = tokens;
    this.onTokens(tokens);
  }

  /** Takes over the tokens of an answer. */
  adopt(pair: Pick<Wire["TokenPair"], "access_token" | "refresh_token" | "expires_in_ms">): void {
    const expiresAtMs = this.environment.now() + pair.expires_in_ms;
    this.setTokens({ accessToken: pair.access_token, refreshToken: pair.refresh_token, expiresAtMs });
  }

  async run<T>(call: Call): Promise<T> {
    // The same bytes in every attempt.
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    let refreshed = false;
    for (let attempt = 1; ; ) {
      const token = call.anonymous ? undefined : this.#held().accessToken;
      try {
        return await this.#attempt<T>(call, body, token);
      } catch (error) {
        if (token && !refreshed && codeOf(error) === "token_expired") {
          refreshed = true;
          await this.refresh(token);
          continue;
        }
        const again = didNothing(error) || (call.repeatable && isTemporary(error));
        if (!again || call.signal?.aborted || attempt >= ATTEMPTS || retryAfterMs(error) > LONGEST_RETRY_AFTER_MS)
          throw error;
        const jitter = fullJitter(this.environment, FIRST_WAIT_MS, LONGEST_WAIT_MS, attempt);
        await this.environment.sleep(retryAfterMs(error) + jitter);
        attempt += 1;
      }
    }
  }

  async #attempt<T>(call: Call, body: string | undefined, token: string | undefined): Promise<T> {
    const headers: Record<string, string> = {};
    if (token) headers["authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const late = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS);
    const signal = call.signal ? AbortSignal.any([late, call.signal]) : late;
    // By its cookie the load balancer finds the node again; nothing is authenticated by cookie.
    const credentials = "include";
    const init: RequestInit = {
      method: call.method,
      headers,
      signal,
      credentials,
      cache: "no-store",
      redirect: "error",
    };
    let response: Response;
    let text: string;
    const began = this.environment.monotonic();
    try {
      response = await this.fetcher(this.base + call.path, body === undefined ? init : { ...init, body });
      text = await response.text();
    } catch (error) {
      throw new Unreachable(String(error));
    }
    this.#compareClocks(response, this.environment.monotonic() - began);
    const answer = read(text);
    if (response.ok && (text === "" || (typeof answer === "object" && answer !== null))) return answer as T;
    if (!response.ok && isProblem(answer)) throw new Refused(answer);
    const said = `the server answered with status ${response.status}`;
    throw response.status >= 500 ? new Unreachable(said) : new Garbled(said);
  }

  #compareClocks(response: Response, tookMs: number): void {
    const date = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(date) || tookMs > SLOW_MS) return;
    this.onSkew(this.environment.now() - tookMs / 2 - date);
  }

  #held(): Tokens {
    if (!this.tokens) throw new SignedOut("this device is not signed in");
    return this.tokens;
  }

  /** An access token that is good for a while. */
  async accessToken(): Promise<string> {
    const held = this.#held();
    return held.expiresAtMs > this.environment.now() + REFRESH_AHEAD_MS
      ? held.accessToken
      : this.refresh(held.accessToken);
  }

  /** Exchanges the refresh token, one call at a time. Errors: `refresh_rejected`, `device_revoked`. */
  refresh(used: string): Promise<string> {
    this.#refreshing ??= this.#exchange(used).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #exchange(used: string): Promise<string> {
    const held = this.#held();
    if (held.accessToken !== used) return held.accessToken;
    const body = { refresh_token: held.refreshToken };
    const call: Call = { method: "POST", path: "/auth/refresh", body, anonymous: true, repeatable: true };
    this.adopt(await this.run<Wire["TokenPair"]>(call));
    return this.#held().accessToken;
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(answer: unknown): answer is Wire["Problem"] {
  return typeof answer === "object" && answer !== null && "code" in answer && typeof answer.code === "string";
}
