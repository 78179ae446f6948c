import { useRef } from "react";
import { useTranslation } from "react-i18next";

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
  const wasIn = useRef(false);
  if (session.data) wasIn.current = true;
  if (session.data)
    return (
      <ToastProvider>
        <LiveProvider>
          <Frame session={session.data} />
        </LiveProvider>
      </ToastProvider>
    );
  if (session.data === null) return <SignIn expired={wasIn.current} />;
  return (
    <main className="splash">
      {session.isError ? <RequestFailure error={session.error} retry={() => void session.refetch()} /> : <Logo size={44} />}
      {session.isPending && <p>{t("common.loading")}</p>}
    </main>
  );
}
