"use strict";
// Both books: a reason that is opened reads its two sides once, and a step that has a dialog opens it over the page.
(() => {
document.addEventListener("toggle", (e) => {
  const details = e.target;
  const table = details.matches?.("details.why[open]") && !details.dataset.read && details.closest("[data-sides]");
  if (!table) return;
  details.dataset.read = "";
  const key = encodeURIComponent(details.id.replace("why-of-", ""));
  htmx.ajax("GET", `${table.dataset.sides}${key}/sides`, { target: details.lastElementChild, swap: "innerHTML" });
}, true);
document.addEventListener("click", (e) => {
  const link = e.target.closest?.("a[data-dialog]");
  if (!link || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  htmx.ajax("GET", link.getAttribute("href"), { target: "#dialog", swap: "innerHTML" });
});
})();
