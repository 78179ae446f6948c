import "./i18n";
import "./ui/theme";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/map.css";
import "./styles/live.css";
import "./styles/camera.css";
import "./styles/speech.css";
import "./styles/calls.css";
import "./styles/driving.css";
import "./styles/plan.css";
import "./styles/sitePlan.css";
import "./styles/ledger.css";
import "./styles/schedules.css";
import "./styles/review.css";
import "./styles/fleet.css";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiError } from "./api/httpClient";
import { KEYS } from "./api/queries";
import { restoreAddress } from "./app/address";
import { App } from "./app/App";

const client: QueryClient = new QueryClient({
  defaultOptions: { queries: { retry: (count, error) => count < 2 && !refused(error), refetchOnWindowFocus: false, staleTime: 5_000 } },
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== KEYS.session[0])
        void client.invalidateQueries({ queryKey: KEYS.session });
    },
  }),
});

/** An answer that asking again will not change. */
function refused(error: Error): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500;
}

restoreAddress();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);

// A browser has it over TLS (and on this computer) alone; without it the page is the same while the server is there.
if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
