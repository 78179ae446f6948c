import { useTranslation } from "react-i18next";

import { useTab } from "../app/address";
import { useMay } from "../api/rights";
import type { Site } from "../api/types";
import { Tabs } from "../ui/Tabs";
import { AccountTable } from "./AccountTable";
import { CenterTable } from "./CenterTable";
import { DogConditions } from "./DogConditions";
import { IdentityTable } from "./IdentityTable";
import { TokenTable } from "./TokenTable";

/** Which tab needs which right. */
export const FLEET_TABS = { dogs: "enrol", health: "enrol", people: "accounts", programs: "accounts", centers: "accounts" } as const;
type Tab = keyof typeof FLEET_TABS;

/** Who belongs to the station: its dogs and how they are, and the people who may sign in. */
export function FleetView({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const tabs = (Object.keys(FLEET_TABS) as Tab[]).filter((tab) => may(FLEET_TABS[tab]));
  const tab = useTab(tabs);
  return (
    <div className="ledger">
      <h1 className="for-ears">{t("view.fleet")}</h1>
      <Tabs view="fleet" tabs={tabs} tab={tab} label={t("view.fleet")} words={(name) => t(`fleet.${name}`)} panel="fleet-panel" />
      <section id="fleet-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="ledger__book" tabIndex={0}>
        {tab === "dogs" && <IdentityTable site={site} />}
        {tab === "health" && <DogConditions site={site} />}
        {tab === "people" && <AccountTable site={site} />}
        {tab === "programs" && <TokenTable site={site} />}
        {tab === "centers" && <CenterTable site={site} />}
      </section>
    </div>
  );
}
