"use strict";
/* Announces a new generation, and makes the keyboard reach every page. Without it every page can still be read. */

(function () {
  const bar = document.getElementById("news");
  const shown = () => document.body.dataset.generation;
  let told = shown();
  const tell = () => { bar.hidden = told === "" || told === shown(); };

  /* Only while the page is looked at: a browser keeps few connections to one host, and tabs out of sight need none. */
  let events = null;
  const listen = () => {
    if (document.visibilityState === "visible" && events === null) {
      events = new EventSource("/events");
      events.addEventListener("generation", (event) => {
        told = event.data;
        tell();
      });
    } else if (document.visibilityState !== "visible" && events !== null) {
      events.close();
      events = null;
    }
  };
  if (bar && shown() && "EventSource" in window) {
    listen();
    document.addEventListener("visibilitychange", listen);
  }

  /* htmx has put the new <main> in place; say which generation it is of, and take the announcement back. */
  document.addEventListener("htmx:after:swap", () => {
    const main = document.getElementById("main");
    if (main && main.dataset.generation) {
      document.body.dataset.generation = main.dataset.generation;
      const said = document.getElementById("generation");
      if (said) said.textContent = main.dataset.said;
      tell();
    }
  });

  const typing = (where) => /^(INPUT|TEXTAREA|SELECT)$/.test(where.tagName) || where.isContentEditable;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "r" && bar && !bar.hidden) {
      bar.querySelector("a").click();
      return;
    }
    const link = document.querySelector(`nav a[data-key="${CSS.escape(event.key)}"]`);
    if (link) link.click();
  });
})();
