import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";
import { LiveProvider } from "../api/LiveProvider";
import { useSession } from "../api/queries";
import { Failure } from "../ui/Failure";
import { Mark } from "../ui/Mark";
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
      {session.isError ? <Failure error={session.error} retry={() => void session.refetch()} /> : <Mark size={44} />}
      {session.isPending && <p>{t("common.loading")}</p>}
    </main>
  );
}

function signedOut(error: Error | null): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
