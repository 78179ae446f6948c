import { useSession } from "./queries";
import type { Session } from "./types";

export type Right = Session["rights"][number];

/** Whether who is signed in may do a thing; what they may not do is not offered. */
export function useMay(): (right: Right) => boolean {
  const rights = useSession().data?.rights ?? [];
  return (right) => rights.includes(right);
}
