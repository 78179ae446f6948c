import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import type { Text } from "../api/types";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";
const KEY = "xiaotian.language";

void i18next.use(initReactI18next).init({
  lng: localStorage.getItem(KEY) === "en" ? "en" : "zh",
  fallbackLng: false,
  resources: { zh: { translation: zh }, en: { translation: en } },
  interpolation: { escapeValue: false },
  returnNull: false,
});
tellDocument();

export function language(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

export async function setLanguage(next: Language): Promise<void> {
  localStorage.setItem(KEY, next);
  await i18next.changeLanguage(next);
  tellDocument();
}

/** The name in the language that is on. */
export function named(text: Text): string {
  return text[language()] || text.zh || text.en;
}

function tellDocument(): void {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
}
