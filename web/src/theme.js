// Before the first paint: the theme that the person chose (prefs.ts). No module, since those run after it.
{
  let chosen;
  try {
    chosen = localStorage.getItem("sotto.theme");
  } catch {
    // Switched off.
  }
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
    // The ground until the style sheet is here.
    document.querySelector("meta[name=color-scheme]").content = chosen;
  }
}
