// The contract's types under short names.
import type { components as Api } from "../types/api";
import type { components as Frames } from "../types/frames";

export type Wire = Api["schemas"];
export type ClientFrame = Frames["schemas"]["ClientFrame"];
export type ServerFrame = Frames["schemas"]["ServerFrame"];
export type Event = Wire["Event"];
export type InboxItem = Wire["InboxItem"];
export type Problem = Wire["Problem"];
export type ProblemCode = Wire["ProblemCode"];
export type ConversationSync = Frames["schemas"]["ConversationSync"];
