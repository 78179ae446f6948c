import { useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { Account, ApiToken, Center, Identity, Invitation, NewApiToken, NewCenter, NewPassword, Role } from "../api/types";

const ACCOUNTS = ["accounts"];
const IDENTITIES = ["identities"];
const at = encodeURIComponent;

export const useAccounts = () => useQuery({ queryKey: ACCOUNTS, queryFn: () => call<Account[]>("GET", "/accounts") });

export const useCreateAccount = () =>
  useChange((account: { username: string; role: Role }) => call<NewPassword>("POST", "/accounts", account), ACCOUNTS, KEYS.audit);

export const useChangeAccount = () =>
  useChange(
    ({ account: { username, version }, ...change }: { account: Account; role?: Role; disabled?: boolean }) => call<Account>("PATCH", `/accounts/${at(username)}`, change, { version }),
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

const TOKENS = ["tokens"];
const CENTERS = ["centers"];
/** A center that is away is tried again by itself: what it has not taken changes. */
const LOOK_MS = 10_000;

export const useTokens = () => useQuery({ queryKey: TOKENS, queryFn: () => call<ApiToken[]>("GET", "/tokens") });

export const useCreateToken = () =>
  useChange((token: { name: string; scopes: string[]; days: number }) => call<NewApiToken>("POST", "/tokens", token), TOKENS, KEYS.audit);

export const useRevokeToken = () => useChange((tokenId: string) => call<void>("DELETE", `/tokens/${at(tokenId)}`), TOKENS, KEYS.audit);

export const useCenters = () => useQuery({ queryKey: CENTERS, queryFn: () => call<Center[]>("GET", "/centers"), refetchInterval: LOOK_MS });

export const useCreateCenter = () =>
  useChange((center: { name: string; url: string | null }) => call<NewCenter>("POST", "/centers", center), CENTERS, KEYS.audit);

export const useRemoveCenter = () => useChange((centerId: string) => call<void>("DELETE", `/centers/${at(centerId)}`), CENTERS, KEYS.audit);

export const useSendAgain = () =>
  useChange((centerId: string) => call<{ count: number }>("POST", `/centers/${at(centerId)}/send-again`), CENTERS, KEYS.audit);
