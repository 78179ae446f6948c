(() => {
  const page = document.documentElement, key = "xiaotian-language";
  let stored = null;
  try { stored = localStorage.getItem(key); } catch { /* a file:// page may have no storage */ }
  page.lang = stored ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  document.getElementById("language").addEventListener("click", () => {
    page.lang = page.lang === "zh" ? "en" : "zh";
    try { localStorage.setItem(key, page.lang); } catch { /* then it is asked again next time */ }
  });
})();
