import { useQueryClient } from "@tanstack/react-query";
import { Bell, BellOff, BookText, Languages, LogOut, MapPinned, Moon, Presentation, Radar, Sun, Users, Waypoints } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/httpClient";
import { useLiveStatus } from "../api/LiveProvider";
import { KEYS, useDogs, useOpenIncidents, useSites } from "../api/queries";
import { useMay } from "../api/rights";
import type { Session, Site } from "../api/types";
import { AllHome } from "../calls/Recall";
import { language, named, setLanguage } from "../i18n";
import { FLEET_TABS, FleetView } from "../fleet/FleetView";
import { LedgerView } from "../ledger/LedgerView";
import { setSound, soundOn } from "../live/alarmSound";
import { IncidentAlarm } from "../live/IncidentAlarm";
import { isOff, worldSkew } from "../live/clockWarning";
import { LiveView } from "../live/LiveView";
import { StopAll } from "../live/StopAll";
import { NewSiteDialog } from "../plan/NewSiteDialog";
import { PlanView } from "../plan/PlanView";
import { RequestFailure } from "../ui/RequestFailure";
import { Logo } from "../ui/Logo";
import { Notice, Waiting } from "../ui/Notice";
import { clock, day } from "../ui/timeFormat";
import { setTheme, useTheme } from "../ui/theme";
import { useNow } from "../ui/useNow";
import { Help } from "./Help";
import { LinkLost, LiveConnection } from "./LiveConnection";
import { goTo, useParam, useView, type View, VIEWS } from "./address";
import { useWall } from "./wall";

const ICON: Record<View, ReactNode> = {
  live: <Radar size={18} />,
  ledger: <BookText size={18} />,
  plan: <Waypoints size={18} />,
  fleet: <Users size={18} />,
};

/** The frame that stays: who, where, when, whether it is live, and the three views. */
export function Frame({ session }: { session: Session }) {
  const { t } = useTranslation();
  const sites = useSites();
  const [siteId, setSiteId] = useParam("site");
  const site = sites.data?.find((s) => s.siteId === siteId) ?? sites.data?.[0];
  const stale = useLiveStatus().phase !== "live";
  const [wall, setWall] = useWall();
  return (
    <div className="frame" data-wall={wall || undefined}>
      <a className="skip" href="#main">{t("frame.skip")}</a>
      <header className="frame__bar">
        <div className="brand">
          <Logo />
          <strong>{t("app.name")}</strong>
        </div>
        {!wall && <Views />}
        {!wall && <StopAll site={site} />}
        {!wall && <AllHome site={site} />}
        <div className="frame__right">
          {session.simulated && <SimulatedWorld />}
          <SiteChoice sites={sites.data ?? []} site={site} choose={setSiteId} />
          <SiteClock zone={site?.timezone} />
          <LiveConnection />
          {!wall && <Tools session={session} toWall={() => (goTo("live"), setWall(true))} />}
        </div>
      </header>
      <LinkLost zone={site?.timezone} />
      <IncidentAlarm />
      <main id="main" className="frame__main" data-stale={stale} inert={wall}>
        {sites.isPending ? (
          <Waiting rows={4} label={t("common.loading")} />
        ) : sites.isError ? (
          <RequestFailure error={sites.error} retry={() => void sites.refetch()} />
        ) : site ? (
          <CurrentView site={site} wall={wall} />
        ) : (
          <NoSite onMade={setSiteId} />
        )}
      </main>
    </div>
  );
}

/** The station's first site: who may makes it here. */
function NoSite({ onMade }: { onMade: (siteId: string) => void }) {
  const { t } = useTranslation();
  const may = useMay()("plan");
  const [making, make] = useState(false);
  return (
    <>
      <Notice icon={<MapPinned size={22} />} title={t("common.noSite")} hint={t(may ? "common.noSiteHint" : "common.noSiteWait")}>
        {may && <button type="button" className="button button--primary" onClick={() => make(true)} data-testid="new-site">{t("siteMap.newSite")}</button>}
      </Notice>
      {making && <NewSiteDialog onClose={() => make(false)} onMade={(site) => (goTo("plan", "site"), onMade(site.siteId))} />}
    </>
  );
}

/** The views that somebody with these rights has anything to do in. */
function useViews(): View[] {
  const may = useMay();
  return VIEWS.filter((view) => view !== "fleet" || Object.values(FLEET_TABS).some(may));
}

function CurrentView({ site, wall }: { site: Site; wall: boolean }) {
  const asked = useView();
  const view = useViews().find((each) => each === asked && !wall);
  if (view === "ledger") return <LedgerView site={site} />;
  if (view === "fleet") return <FleetView site={site} />;
  if (view === "plan") return <PlanView key={site.siteId} site={site} />;
  return <LiveView key={site.siteId} site={site} />;
}

function Views() {
  const { t } = useTranslation();
  const view = useView();
  const open = useOpenIncidents().data?.length ?? 0;
  return (
    <nav className="views" aria-label={t("view.nav")}>
      {useViews().map((name) => (
        <button key={name} type="button" aria-current={name === view ? "page" : undefined} onClick={() => goTo(name)} data-testid={`view-${name}`}>
          {ICON[name]}
          <span className="views__words">
            <strong>{t(`view.${name}`)}</strong>
            <small>{t(`view.${name}Sub`)}</small>
          </span>
          {name === "live" && open > 0 && <span className="views__count"><span aria-hidden="true">{open}</span><span className="for-ears">{t("incidents.open", { n: open })}</span></span>}
        </button>
      ))}
    </nav>
  );
}

function SiteChoice({ sites, site, choose }: { sites: Site[]; site: Site | undefined; choose: (id: string) => void }) {
  const { t } = useTranslation();
  if (!site) return null;
  if (sites.length === 1) return <span className="site-name" title={t("frame.site")}>{named(site.name)}</span>;
  return (
    <select className="select site-name" aria-label={t("frame.site")} value={site.siteId} onChange={(event) => choose(event.target.value)}>
      {sites.map((s) => (
        <option key={s.siteId} value={s.siteId}>{named(s.name)}</option>
      ))}
    </select>
  );
}

/** A simulated station says so; where its world is slower than the clock on the wall, by how much. */
function SimulatedWorld() {
  const { t } = useTranslation();
  const skew = worldSkew(useDogs().data ?? []);
  const words = isOff(skew) ? t(skew < 0 ? "frame.simulatedBehind" : "frame.simulatedAhead", { s: Math.abs(Math.round(skew)) }) : t("frame.simulatedHint");
  return (
    <span className="simulated" title={words} data-testid="simulated" data-skew={skew}>
      {t("frame.simulated")}
      <span className="for-ears">{words}</span>
    </span>
  );
}

function SiteClock({ zone }: { zone: string | undefined }) {
  const { t } = useTranslation();
  const now = useNow();
  return (
    <time className="clock" title={`${t("frame.siteTime")}${zone ? ` · ${zone}` : ""}`} dateTime={new Date(now).toISOString()}>
      <span>{clock(now, zone)}</span>
      <small>{day(now, zone)}</small>
    </time>
  );
}

function Tools({ session, toWall }: { session: Session; toWall: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [sound, keepSound] = useState(soundOn);
  const switchSound = () => {
    setSound(!sound);
    keepSound(!sound);
  };
  const signOut = async () => {
    await call("DELETE", "/session").catch(() => undefined);
    client.clear();
    await client.resetQueries({ queryKey: KEYS.session });
    window.location.assign(session.byOpenId ? "/api/v1/session/openid/sign-out" : "/");
  };
  const theme = useTheme();
  const themeWord = t(theme === "dark" ? "frame.toLight" : "frame.toDark");
  const soundWord = t(sound ? "frame.soundOn" : "frame.soundOff");
  return (
    <div className="tools">
      <button type="button" className="icon-button" aria-pressed={sound} aria-label={soundWord} title={soundWord} onClick={switchSound} data-testid="sound">
        {sound ? <Bell size={17} /> : <BellOff size={17} />}
      </button>
      <button type="button" className="icon-button tools__wall" aria-label={t("frame.wall")} title={t("frame.wall")} onClick={toWall} data-testid="wall">
        <Presentation size={17} />
      </button>
      <Help />
      <button type="button" className="icon-button" aria-label={themeWord} title={themeWord} onClick={() => setTheme(theme === "dark" ? "light" : "dark")} data-testid="theme">
        {theme === "dark" ? <Sun size={17} /> : <Moon size={17} />}
      </button>
      <button type="button" className="icon-button icon-button--word" aria-label={`${t("frame.languageShort")}: ${t("frame.language")}`} title={t("frame.language")} onClick={() => void setLanguage(language() === "zh" ? "en" : "zh")} data-testid="language">
        <Languages size={17} /> <span>{t("frame.languageShort")}</span>
      </button>
      <button type="button" className="icon-button icon-button--word" aria-label={`${session.username}: ${t("frame.signOut")}`} title={t("frame.signOut")} onClick={() => void signOut()} data-testid="sign-out">
        <LogOut size={16} /> <span className="tools__user">{session.username}</span>
      </button>
    </div>
  );
}
