import { useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { Account, Identity, Invitation, NewPassword, Role } from "../api/types";

const ACCOUNTS = ["accounts"];
const IDENTITIES = ["identities"];
const at = encodeURIComponent;

export const useAccounts = () => useQuery({ queryKey: ACCOUNTS, queryFn: () => call<Account[]>("GET", "/accounts") });

export const useCreateAccount = () =>
  useChange((account: { username: string; role: Role }) => call<NewPassword>("POST", "/accounts", account), ACCOUNTS, KEYS.audit);

export const useChangeAccount = () =>
  useChange(
    ({ username, ...change }: { username: string; role?: Role; disabled?: boolean }) => call<Account>("PATCH", `/accounts/${at(username)}`, change),
    ACCOUNTS,
    KEYS.audit,
    KEYS.session,
  );

export const useNewPassword = () =>
  useChange((username: string) => call<NewPassword>("PUT", `/accounts/${at(username)}/password`, {}), KEYS.audit);

export const useIdentities = () => useQuery({ queryKey: IDENTITIES, queryFn: () => call<Identity[]>("GET", "/identities") });

export const useInvite = () => useChange((name: string) => call<Invitation>("POST", "/identities", { name }), IDENTITIES, KEYS.audit);

export const useRevoke = () =>
  useChange(({ manufacturer, name }: Identity) => call<{ brokerTold: boolean }>("DELETE", `/identities/${at(manufacturer)}/${at(name)}`), IDENTITIES, KEYS.audit);
