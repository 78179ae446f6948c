import i18next from "i18next";

/** A trouble as a dog or the server tells it: a type of VDA 5050 where there is one, and what was said, in English. */
export interface Said {
  type: string;
  detail: string;
}

/** The server's own reasons for a patrol's end. */
const ENDS: [RegExp, string][] = [
  [/^work failed at (?<n>\d+) checkpoints$/, "patrols.ended.work"],
  [/^(?<n>\d+) checkpoints were skipped$/, "patrols.ended.skipped"],
  [/^(?<n>\d+) checkpoints were skipped; work failed at (?<m>\d+) checkpoints$/, "patrols.ended.skippedAndWork"],
  [/^no checkpoint could be reached$/, "patrols.ended.nothing"],
  [/^canceled by somebody else$/, "patrols.ended.elsewhere"],
  [/^the dog ended the order before its last checkpoint$/, "patrols.ended.early"],
];

/** A patrol's reason, which is the dog's error as `type: description` or the server's own sentence. */
export function troubleOf(reason: string): Said {
  const match = /^(?<type>[A-Za-z]\w*)(?:: (?<detail>[\s\S]*))?$/.exec(reason);
  return match ? { type: match.groups!.type!, detail: match.groups!.detail ?? "" } : { type: "", detail: reason };
}

/** The trouble in the operator's language, and beside it what the dog said where that tells more. */
export function told({ type, detail }: Said): { words: string; detail: string } {
  const words = type && i18next.t(`dogs.error.${type}`, { defaultValue: "" });
  if (words) return { words, detail };
  if (type) return { words: i18next.t("dogs.error.unknown", { type }), detail };
  for (const [pattern, key] of ENDS) {
    const match = pattern.exec(detail);
    if (match) return { words: i18next.t(key, { ...match.groups }), detail: "" };
  }
  return { words: detail, detail: "" };
}
