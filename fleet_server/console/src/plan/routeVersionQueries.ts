import { useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { DeletedRoute, Route, RouteVersion } from "../api/types";

const at = (routeId: string) => `/routes/${encodeURIComponent(routeId)}`;

export const useRouteVersions = (routeId: string) =>
  useQuery({ queryKey: [...KEYS.routes, "versions", routeId], queryFn: () => call<RouteVersion[]>("GET", `${at(routeId)}/versions`) });

export const useDeletedRoutes = () => useQuery({ queryKey: [...KEYS.routes, "deleted"], queryFn: () => call<DeletedRoute[]>("GET", "/deleted-routes") });

/** A route as a version has it; it is stored nowhere else. */
export const routeOfVersion = (routeId: string, number: number) => call<Route>("GET", `${at(routeId)}/versions/${number}`);

/** The route as a version has it, from now on; without `version` one that was deleted. */
export const useRestoreRoute = () =>
  useChange(
    ({ routeId, version, to }: { routeId: string; version?: string; to: number }) => call<Route>("POST", `${at(routeId)}/versions/${to}/restore`, undefined, version ? { version } : {}),
    KEYS.routes,
    KEYS.backtest,
  );
