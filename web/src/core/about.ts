// What a body points at beyond its text. It comes from other people: nothing about it is believed.

import { bodyOf, isAbout, mentionsOf } from "./bodies";
import type { StoredMessage } from "./store";

function fieldsOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The message that an edit, a reaction or the like is about; an answer stands for itself. */
export function targetOf(json: string): string | undefined {
  const { type, target } = fieldsOf(json);
  return type !== "reply" && typeof target === "string" ? target : undefined;
}

type Said = Pick<StoredMessage, "sender_user_id" | "body_json" | "warnings">;

/** Whether it changes what this message says: its author's word, from a device that was not removed by then. */
export function edits(edit: Said, message: Pick<StoredMessage, "sender_user_id">): boolean {
  const isRevoked = (edit.warnings ?? []).some(({ type }) => type === "sender_revoked");
  return !isRevoked && edit.sender_user_id === message.sender_user_id && bodyOf(edit.body_json)?.type === "edit";
}

/** The message that this one answers. */
export function answeredBy(json: string): string | undefined {
  const { type, target } = fieldsOf(json);
  return type === "reply" && typeof target === "string" ? target : undefined;
}

/** Whether it has a place of its own in the conversation, which others may be about. */
export function standsAlone({ body_json, repeat }: { body_json: string; repeat?: true }): boolean {
  const body = bodyOf(body_json);
  return !isAbout(body) && body?.type !== "room_name" && !repeat;
}

/** Whether somebody is named in it. */
export function mentions(json: string, userId: string): boolean {
  const body = bodyOf(json);
  return body !== undefined && mentionsOf(body).includes(userId);
}
