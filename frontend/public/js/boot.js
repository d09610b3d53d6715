// Runs before the first paint, as a classic script: sets the page's language,
// so that Korean text is not shown for a moment to someone who reads English
// (see .i18n-wait in base.css). Everything else is in modules.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("jangteo.language");
  } catch (error) {
    // Storage may be forbidden; the browser's own language will do.
  }
  if (chosen !== "ko" && chosen !== "en") {
    chosen = /^ko\b/i.test(navigator.language || "") ? "ko" : "en";
  }
  document.documentElement.lang = chosen;
  if (chosen !== "ko") document.documentElement.classList.add("i18n-wait");
})();
