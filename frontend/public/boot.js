// Runs before the first paint, as a classic script: sets the page's language, so that Korean text is not
// shown for a moment to someone who reads English (.i18n-wait in the style sheet), and asks for the
// page's texts in that language while its scripts are still on their way.
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
  var texts = document.currentScript.dataset[chosen];
  if (texts) {
    var link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = texts;
    document.head.append(link);
  }
})();
