"use strict";
// A row of the list is two stops of the Tab key at most: j and k go by its number, and arrows through a menu that nobody opened on purpose.
(() => {
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
function shorten() {
  all("tr[data-row]").forEach((row) => {
    all("[data-row-open]", row).forEach((link) => { link.tabIndex = -1; });
    all(".menu", row).forEach((menu) => all(".menu-item", menu).forEach((item) => { item.tabIndex = menu.hasAttribute("data-pinned") ? 0 : -1; }));
  });
}
["DOMContentLoaded", "htmx:afterSettle", "htmx:oobAfterSwap", "click"].forEach((name) => document.addEventListener(name, shorten));
})();
