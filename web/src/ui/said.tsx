// What somebody wrote: links, people, long texts, emoji.
import { useMemo, useState } from "preact/hooks";
import type { Person } from "../core/told";
import { t } from "../i18n";
import { foldAt, isOnlyEmoji, type Piece, piecesOf } from "../pieces";
import type { Item } from "../thread";

interface Props {
  item: Item;
  people: Person[];
  own: string;
  /** A stranger's, who is not accepted: nothing in it can be followed. */
  inert: boolean;
}

export function Said({ item, people, own, inert }: Props) {
  const [whole, setWhole] = useState(false);
  const { raw, mentions, text } = item;
  const fold = useMemo(() => foldAt(raw), [raw]);
  const pieces = useMemo(
    () => piecesOf(fold === undefined || whole ? raw : raw.slice(0, fold), mentions, people),
    [raw, mentions, people, fold, whole],
  );
  if (text === undefined) {
    return (
      <p class="text">
        <em>{t("unknownBody")}</em>
      </p>
    );
  }
  return (
    <>
      <p class={`text ${isOnlyEmoji(text) ? "large" : ""}`} dir="auto">
        {pieces.map((piece, at) => (
          <Part key={at} piece={piece} own={own} inert={inert} />
        ))}
        {fold !== undefined && !whole && "…"}
      </p>
      {fold !== undefined && (
        <button type="button" class="link fold" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? t("showLess") : t("showMore")}
        </button>
      )}
    </>
  );
}

function Part({ piece, own, inert }: { piece: Piece; own: string; inert: boolean }) {
  if (inert && piece.type === "link") return <span dir="ltr">{piece.text}</span>;
  switch (piece.type) {
    case "text":
      return <>{piece.text}</>;
    case "link":
      return (
        <a href={piece.href} target="_blank" rel="noopener noreferrer" dir="ltr">
          {piece.text}
        </a>
      );
    case "mention":
      return (
        <span class={`mention ${piece.user_id === own ? "me" : ""}`}>
          @<bdi>{piece.name}</bdi>
        </span>
      );
  }
}
