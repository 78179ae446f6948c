import { useTranslation } from "react-i18next";

import { useTab } from "../app/address";
import type { Site } from "../api/types";
import { CalendarView } from "../schedules/CalendarView";
import { Tabs } from "../ui/Tabs";
import { ReviewView } from "./ReviewView";
import { RoutesView } from "./RoutesView";
import { SitePlan } from "./SitePlan";

const TABS = ["routes", "calendar", "review", "site"] as const;

/** 防范有策: which rounds are walked, and when, so that nothing happens. */
export function PlanView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const tab = useTab(TABS);
  return (
    <div className="plan-frame">
      <h1 className="for-ears">{t("view.plan")}</h1>
      <Tabs view="plan" tabs={TABS} tab={tab} label={t("view.plan")} words={(name) => t(`plan.tab.${name}`)} panel="plan-panel" />
      <section id="plan-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="plan-frame__panel">
        {tab === "routes" && <RoutesView key={site.siteId} site={site} />}
        {tab === "calendar" && <CalendarView site={site} />}
        {tab === "review" && <ReviewView site={site} />}
        {tab === "site" && <SitePlan key={site.siteId} site={site} />}
      </section>
    </div>
  );
}
