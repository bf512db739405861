"use strict";
// A row of the list is two stops of the Tab key at most: j and k go by its number, and arrows through a menu that nobody opened on purpose.
(() => {
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
function shorten() {
  all("tr[data-row]").forEach((row) => {
    all("[data-row-open]", row).forEach((link) => { link.tabIndex = -1; });
    all(".menu", row).forEach((menu) => all(".menu-item", menu).forEach((item) => { item.tabIndex = menu.hasAttribute("data-pinned") ? 0 : -1; }));
  });
}
// The menu of a row is put there as it is first pointed at, focused or clicked. Without script its button leads to the invoice's page.
function fill(e) {
  const row = e.type === "row-menu" ? e.target : e.target.closest?.("[data-row-menu]"), mould = document.getElementById("row-menu");
  (row ? [row, ...all("[data-row-menu]", row)] : []).filter((menu) => menu.matches("[data-row-menu]") && !one(".menu-pop", menu)).forEach((menu) => {
    menu.insertAdjacentHTML("beforeend", mould.innerHTML.replaceAll("{id}", menu.dataset.rowMenu));
    one(".menu-trigger", menu).setAttribute("aria-controls", one(".menu-list", menu).id);
    const entry = one("[data-words]", menu);
    if (menu.dataset.entry) one("[data-entry-words]", entry).textContent = entry.dataset.words.replace("{entry}", menu.dataset.entry);
    htmx.process(menu);
    shorten();
  });
  if (e.type === "click" && e.target.closest?.("[data-row-menu] .menu-trigger")) e.preventDefault();
}
["pointerover", "focusin", "click", "row-menu"].forEach((name) => document.addEventListener(name, fill, true));
["DOMContentLoaded", "htmx:afterSettle", "htmx:oobAfterSwap", "click"].forEach((name) => document.addEventListener(name, shorten));
})();
