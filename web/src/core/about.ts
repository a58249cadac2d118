// What a body points at beyond its text. It comes from other people: nothing about it is believed.

import { bodyOf, mentionsOf } from "./bodies";

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

/** The message that this one answers. */
export function answeredBy(json: string): string | undefined {
  const { type, target } = fieldsOf(json);
  return type === "reply" && typeof target === "string" ? target : undefined;
}

/** Whether somebody is named in it. */
export function mentions(json: string, userId: string): boolean {
  const body = bodyOf(json);
  return body !== undefined && mentionsOf(body).includes(userId);
}
