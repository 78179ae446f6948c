import { useTranslation } from "react-i18next";

import { ApiError } from "../api/httpClient";
import { LiveProvider } from "../api/LiveProvider";
import { useSession } from "../api/queries";
import { RequestFailure } from "../ui/RequestFailure";
import { Logo } from "../ui/Logo";
import { ToastProvider } from "../ui/Toast";
import { Frame } from "./Frame";
import { SignIn } from "./SignIn";

export function App() {
  const { t } = useTranslation();
  const session = useSession();
  if (session.data && !signedOut(session.error))
    return (
      <ToastProvider>
        <LiveProvider>
          <Frame session={session.data} />
        </LiveProvider>
      </ToastProvider>
    );
  if (signedOut(session.error)) return <SignIn expired={session.data !== undefined} />;
  return (
    <main className="splash">
      {session.isError ? <RequestFailure error={session.error} retry={() => void session.refetch()} /> : <Logo size={44} />}
      {session.isPending && <p>{t("common.loading")}</p>}
    </main>
  );
}

function signedOut(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
