"use strict";
// Place is kept: what was open in a part that renews itself is open again afterwards, with the focus where it was.
(() => {
let place = null;
const keeper = (target) => (target?.matches?.("[data-keep-open]") ? target : null);
const openIn = (root) => [...root.querySelectorAll("details[open][id]")].map((details) => details.id);
const openAgain = (ids) => { for (const id of ids) document.getElementById(id)?.setAttribute("open", ""); };
// What the live request brings has its focus set by live.js.
let live = [];
document.addEventListener("htmx:oobBeforeSwap", (e) => {
  const root = keeper(e.detail.target);
  if (root && !e.defaultPrevented) live = openIn(root);
});
document.addEventListener("htmx:oobAfterSwap", () => { openAgain(live); live = []; });
document.addEventListener("htmx:beforeSwap", (e) => {
  const root = keeper(e.detail.target);
  if (!root) return;
  const open = openIn(root);
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  place = { open, focus: active?.id || active?.closest("details[id]")?.id };
});
document.addEventListener("htmx:load", () => {
  if (!place) return;
  const { open, focus } = place;
  place = null;
  openAgain(open);
  if (!focus || document.activeElement !== document.body) return;
  const found = document.getElementById(focus);
  (found?.matches("details") ? found.querySelector("summary") : found)?.focus({ preventScroll: true });
});
})();
