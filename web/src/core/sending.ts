// The sender: drives every conversation's queue while the device is connected.
import type { Core } from "./core";
import { fullJitter } from "./environment";
import { isGone, isTemporary, Refused, retryAfterMs } from "./errors";
import type { BlockReason, SendStep } from "./outcomes";
import { isHeld, removeDue } from "./removals";
import type { Shared } from "./shared";
import { expire } from "./upkeep";
import type { Problem, ProblemCode, Wire } from "./wire";

/** How often overdue answers, and messages whose time is over, are looked for. */
const TICK_MS = 1_000;
/** Questions that one send may lead to before it has to wait. */
const QUESTIONS = 8;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** What only a person or another member can change is looked at again after this. */
const LONG_MS = 60_000;
/** Refusals after which a message is here as if it had never left. */
const NOT_STORED: ProblemCode[] = ["stale_roster", "unknown_recipient"];
const FORBIDDEN: Problem = { type: "about:blank", title: "Not a member", status: 403, code: "forbidden" };

/** Runs until the client is ended. */
export async function keepSending(shared: Shared): Promise<void> {
  while (!shared.ended) {
    await expire(shared);
    await sendWaiting(shared);
    void removeDue(shared);
    await shared.sends.wait(TICK_MS);
  }
}

/** Drives all queues once. */
export async function sendWaiting(shared: Shared): Promise<void> {
  const { core } = shared;
  if (!core.say) return;
  if (core.flights.overdue(shared.environment.monotonic()).length > 0) {
    // A node that answers nothing for so long is frozen: another one takes over.
    shared.reconnect();
    return;
  }
  for (const id of core.engine.conversationsWithWork()) {
    try {
      await drive(shared, id);
    } catch (error) {
      hold(shared, id, error);
    }
  }
}

function hold({ core, environment }: Shared, id: string, error: unknown): void {
  const wait = fullJitter(environment, FIRST_WAIT_MS, LONGEST_WAIT_MS, core.flights.failures(id));
  core.flights.hold(id, Math.max(wait, retryAfterMs(error)), environment.monotonic());
}

/** Sends what may leave, asking what has to be known first. */
async function drive(shared: Shared, id: string): Promise<void> {
  for (let question = 0; question < QUESTIONS; question += 1) {
    const round = await shared.core.turn(() => poll(shared, id));
    if (!round) return;
    for (const message of round.messages) round.say({ type: "send", conversation_id: id, message });
    if (await answered(shared, id, round.step)) return;
  }
  throw new Error("the same questions come again and again");
}

/** Does what the engine asks for; `true` when there is nothing more to do now. */
async function answered(shared: Shared, id: string, step: SendStep): Promise<boolean> {
  const { core, routes } = shared;
  switch (step.type) {
    case "idle":
    case "send":
      return true;
    case "blocked":
      await blocked(shared, id, step.value);
      return true;
    case "query_keys":
      await shared.query(step.value);
      return false;
    case "post_envelopes":
      await postEnvelopes(shared, id, step.value);
      return false;
    case "claim_keys": {
      const response = await routes.claimKeys(step.value);
      await core.update(() => core.engine.receiveClaims(step.value, response));
      return false;
    }
    case "fetch_roster":
      try {
        await shared.fetchRoster(step.value);
        return false;
      } catch (error) {
        if (!isGone(error)) throw error;
        await giveUp(shared, id, error.problem);
        return true;
      }
  }
}

interface Round {
  say: NonNullable<Core["say"]>;
  messages: Wire["SendMessage"][];
  step: SendStep;
}

/** Polls the engine for what fits the window, and stores before anything leaves. The caller holds the lock. */
async function poll({ core, environment }: Shared, id: string): Promise<Round | undefined> {
  const say = core.say;
  if (!say || isHeld(core, id)) return undefined;
  let room = core.flights.room(id, environment.monotonic());
  const messages: Wire["SendMessage"][] = [];
  let last: SendStep = { type: "idle" };
  for (; room > 0; room -= 1) {
    const step = core.engine.pollSend(id);
    if (step.type !== "send") {
      last = step;
      break;
    }
    core.flights.left(id, step.value.txn_id, environment.monotonic());
    noteLeft(core, step.value.txn_id, true);
    messages.push(step.value);
  }
  await core.commit();
  return { say, messages, step: last };
}

/** What has left only the server can delete. */
function noteLeft(core: Core, txnId: string, left: boolean): void {
  const message = core.outgoing.get(txnId);
  if (message && message.left !== left) core.putOutgoing({ ...message, left });
}

async function postEnvelopes(shared: Shared, id: string, request: Wire["SendEnvelopesRequest"]): Promise<void> {
  const { core, routes } = shared;
  let failure: unknown;
  try {
    await routes.sendEnvelopes(id, request);
  } catch (error) {
    failure = error;
  }
  await core.update(() => {
    if (failure === undefined) core.engine.envelopesStored(id, request.txn_id);
    else if (failure instanceof Refused) core.engine.envelopesRefused(id, request.txn_id, failure.problem);
    else core.engine.resend(id);
  });
  if (failure !== undefined && isTemporary(failure)) throw failure;
}

async function blocked(shared: Shared, id: string, reason: BlockReason): Promise<void> {
  if (reason.type === "not_a_member") return giveUp(shared, id, FORBIDDEN);
  const { core, environment } = shared;
  await core.update(() => {
    core.flights.hold(id, LONG_MS, environment.monotonic());
    core.stage({ type: "blocked", conversation_id: id, reason });
  });
}

/** This account is out of the conversation: nothing of the queue will ever be stored. */
async function giveUp({ core, environment }: Shared, id: string, problem: Problem): Promise<void> {
  await core.update(() => {
    core.flights.hold(id, LONG_MS, environment.monotonic());
    for (const txnId of core.engine.queued(id)) {
      core.engine.messageRefused(id, txnId, problem);
      failed(core, id, txnId, problem);
    }
  });
}

function failed(core: Core, id: string, txnId: string, { code }: Problem): void {
  core.unanswered.delete(txnId);
  const message = core.outgoing.get(txnId);
  if (message) core.putOutgoing({ ...message, failed: code });
  core.stage({ type: "refused", conversation_id: id, txn_id: txnId, code });
}

/** The frame `sent`. The caller holds the lock. */
export function takeSent({ core }: Shared, id: string, response: Wire["SendResponse"]): void {
  core.engine.messageStored(id, response);
  core.answered(id, response.txn_id);
}

/** The frame `refused`. The caller holds the lock. */
export function takeRefused({ core, environment }: Shared, id: string, txnId: string, problem: Problem): void {
  switch (core.engine.messageRefused(id, txnId, problem)) {
    case "stored":
      core.answered(id, txnId);
      break;
    case "again": {
      const refusal = new Refused(problem);
      const jitter = isTemporary(refusal) ? fullJitter(environment, FIRST_WAIT_MS, LONGEST_WAIT_MS, 1) : 0;
      core.flights.turnedBack(id, txnId, retryAfterMs(refusal) + jitter, environment.monotonic());
      if (NOT_STORED.includes(problem.code)) noteLeft(core, txnId, false);
      break;
    }
    case "failed":
      core.flights.landed(id, txnId, environment.monotonic());
      failed(core, id, txnId, problem);
      break;
  }
}
