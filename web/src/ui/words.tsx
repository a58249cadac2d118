// Sentences with names of others in them: each name stands by itself, so that it can't turn its sentence round.
import type { ComponentChildren } from "preact";
import { listParts } from "../i18n";

/** A text of the catalogue with its holes filled. */
export function Words({ text, ...values }: { text: string } & Record<string, ComponentChildren>) {
  return (
    <>
      {text.split(/(\{\w+\})/).map((piece) => {
        const hole = piece.match(/^\{(\w+)\}$/)?.[1];
        if (hole === undefined) return piece;
        const value = values[hole];
        return typeof value === "string" ? <bdi key={piece}>{value}</bdi> : value;
      })}
    </>
  );
}

/** Names as a list. */
export function Names({ names }: { names: string[] }) {
  return (
    <>{listParts(names).map(({ type, value }, at) => (type === "element" ? <bdi key={at}>{value}</bdi> : value))}</>
  );
}
