import { useTranslation } from "react-i18next";

import type { Text } from "../api/types";

/** A name in both languages; one serves for both. */
export function NameFields({ name, onChange }: { name: Text; onChange: (name: Text, language: "zh" | "en") => void }) {
  const { t } = useTranslation();
  return (["zh", "en"] as const).map((language) => (
    <label key={language} className="field">
      <span>{t(language === "zh" ? "plan.nameZh" : "plan.nameEn")}</span>
      <input lang={language === "zh" ? "zh-CN" : "en"} value={name[language]} maxLength={80} onChange={(event) => onChange({ ...name, [language]: event.target.value }, language)} data-testid={`site-name-${language}`} />
    </label>
  ));
}
