"use strict";
// A row of the list is two stops of the Tab key at most: j and k go by its number, and arrows through a menu that nobody opened on purpose.
(() => {
const MENU = ".invoices td > .menu", ENTRY = ".invoices .state a[target]";
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
  const row = e.type === "row-menu" ? e.target : e.target.closest?.(MENU), mould = document.getElementById("row-menu");
  (row ? [row, ...all(MENU, row)] : []).filter((menu) => menu.matches(MENU) && !one(".menu-pop", menu)).forEach((menu) => {
    const of = menu.closest("tr"), id = encodeURIComponent(of.id.replace("invoice-row-", "")), trigger = one(".menu-trigger", menu);
    menu.insertAdjacentHTML("beforeend", mould.innerHTML.replaceAll("{id}", id));
    trigger.id = `invoice-copied-${id}`;
    trigger.setAttribute("aria-controls", one(".menu-list", menu).id);
    // A row that shows the number of its entry does not say it twice.
    const entry = one("[data-words]", menu), number = menu.dataset.entry || one(ENTRY, of)?.textContent;
    if (number) one("[data-entry-words]", entry).textContent = entry.dataset.words.replace("{entry}", number);
    htmx.process(menu);
    shorten();
  });
  if (e.type === "click" && e.target.closest?.(`${MENU} .menu-trigger`)) e.preventDefault();
}
// Why a box is closed, and where the number of an entry leads, is told as they are pointed at or focused.
function tell(e) {
  const closed = e.target.closest?.(".invoices td > [data-row-select]:disabled"), entry = e.target.closest?.(ENTRY);
  if (closed) closed.title = one(".state", closed.closest("tr")).textContent;
  if (entry) entry.title = entry.closest("table").dataset.open.replace("{}", entry.textContent);
}
["pointerover", "focusin"].forEach((name) => document.addEventListener(name, tell, true));
// The dialog of a row opens here. Without script its button leads to a page of its own.
document.addEventListener("click", (e) => {
  const copy = e.target.closest?.(".invoices td > [data-row-copy]");
  if (!copy) return;
  e.preventDefault();
  htmx.ajax("GET", copy.formAction, { source: copy, target: "#dialog", swap: "innerHTML" });
});
["pointerover", "focusin", "click", "row-menu"].forEach((name) => document.addEventListener(name, fill, true));
["DOMContentLoaded", "htmx:afterSettle", "htmx:oobAfterSwap", "click"].forEach((name) => document.addEventListener(name, shorten));
})();
