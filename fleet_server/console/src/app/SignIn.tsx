import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Languages, ShieldCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError, call } from "../api/httpClient";
import { KEYS } from "../api/queries";
import type { Session, SignInMethods } from "../api/types";
import { language, setLanguage } from "../i18n";
import { Logo } from "../ui/Logo";
import { reasonOf } from "../ui/RequestFailure";
import { keepAddress, useParam } from "./address";

const REFUSALS = ["unreachable", "invalid", "denied", "noRole", "noAccount", "nameTaken", "disabled", "tooOften"] as const;

export function SignIn({ expired }: { expired: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [refusal, setRefusal] = useParam("signIn");
  const refused = REFUSALS.find((each) => each === refusal); // why a sign-in at the provider, which led back here, came to nothing
  const methods = useQuery({ queryKey: KEYS.signInMethods, queryFn: () => call<SignInMethods>("GET", "/sign-in-methods") });
  const provider = methods.data?.openId;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setRefusal(null);
    try {
      const session = await call<Session>("POST", "/session", { username: form.get("username"), password: form.get("password") });
      client.setQueryData(KEYS.session, session);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const said = error
    ? error instanceof ApiError && error.status === 401
      ? t("signIn.wrong")
      : reasonOf(error, t("signIn.unreachable"))
    : refused
      ? t(`signIn.openId.${refused}`)
    : expired
      ? t("signIn.expired")
      : "";
  return (
    <main className="sign-in">
      <button type="button" className="button button--quiet sign-in__language" onClick={() => void setLanguage(language() === "zh" ? "en" : "zh")} data-testid="language">
        <Languages size={16} /> {t("frame.languageShort")}
      </button>
      <form className="sign-in__card" onSubmit={(event) => void submit(event)}>
        <div className="sign-in__brand">
          <Logo size={44} />
          <div>
            <h1>{t("app.name")}</h1>
            <p>{t("app.tagline")}</p>
          </div>
        </div>
        <label className="field">
          <span>{t("signIn.username")}</span>
          <input name="username" autoComplete="username" required autoFocus spellCheck={false} data-testid="sign-in-username" />
        </label>
        <label className="field">
          <span>{t("signIn.password")}</span>
          <input name="password" type="password" autoComplete="current-password" required data-testid="sign-in-password" />
        </label>
        <p className="sign-in__error" role="alert" data-testid="sign-in-error">{said}</p>
        <button type="submit" className="button button--primary button--large" disabled={busy} data-testid="sign-in-submit">
          {busy ? t("signIn.busy") : t("signIn.submit")}
        </button>
        {provider && (
          <a className="button button--large" href="/api/v1/session/openid" onClick={keepAddress} data-testid="sign-in-openid">
            <KeyRound size={16} aria-hidden="true" /> {t("signIn.openId.button", { name: provider })}
          </a>
        )}
        <p className="sign-in__privacy">
          <ShieldCheck size={15} aria-hidden="true" /> {t("signIn.privacy")}
        </p>
      </form>
    </main>
  );
}
