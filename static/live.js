"use strict";
// The one live request of a page: what it sends along, what it may not take away, and the tab's title.
(() => {
const on = (name, act, capture = false) => document.addEventListener(name, act, capture);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isLive = (e) => e.detail.elt?.id === "live";
const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled, [type=hidden])";
let asksAgain = false, failures = 0, place = null;

// A mark says of which row it is, by itself or by where it stands.
const markOf = ({ id, dataset: { live } }) => live.includes(".") ? live : `${id.replace(/^.*?-row-/, "")}.${live}`;
// What of a row holds the focus is found again by its id, else by what it does.
const PARTS = ["[data-row-select]", "[data-row-open]", "[data-row-copy]", ".menu-trigger"];
// Each row says how it was shown, so that only those that changed come back.
on("htmx:configRequest", (e) => {
  if (!isLive(e)) return;
  // A list that was filtered anew asks about what it shows now.
  e.detail.path = document.querySelector("[data-live-url]")?.dataset.liveUrl || e.detail.path;
  const rows = all("[data-live]").map(markOf);
  e.detail.parameters.v = document.getElementById("live-version").value;
  if (rows.length) e.detail.parameters.rows = rows.join(" ");
});

// An open menu, or one that the pointer is on, keeps its row until it is left. So does what somebody has begun to enter.
const isBegun = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
const FIELDS = "input:not([type=hidden], [data-row-select]), textarea";
const isInUse = (row) => row.querySelector(".menu:hover:not([data-closed])") || all(".menu-trigger[aria-expanded=true]", row).length > 0
  || all(FIELDS, row).some(isBegun);
on("htmx:oobBeforeSwap", (e) => {
  const { target } = e.detail;
  if (isInUse(target)) { asksAgain = true; e.preventDefault(); return; }
  const active = document.activeElement;
  if (target.contains(active)) {
    place = { row: target.id, id: active.id, part: PARTS.find((part) => active.matches(part)), opener: active.closest("details[id]")?.id };
  }
});
on("htmx:oobAfterSwap", () => {
  if (!place || document.activeElement !== document.body) return;
  const row = document.getElementById(place.row), same = place.id ? document.getElementById(place.id) : place.part && row?.querySelector(place.part);
  const opener = place.opener && document.getElementById(place.opener)?.querySelector("summary");
  (same && !same.disabled ? same : opener || row?.querySelector(FOCUSABLE))?.focus({ preventScroll: true });
});
on("htmx:afterRequest", (e) => {
  // A copy that has ended in a dialog is told in its row at once.
  if ((e.detail.xhr?.getResponseHeader("HX-Trigger") || "").includes("copy-ended")) askNow();
  if (!isLive(e)) return;
  if (e.detail.successful) failures = 0;
  if (asksAgain) document.getElementById("live-version").value = "";
  asksAgain = false;
  place = null;
  sayCount();
});

// The tab's title carries what needs somebody, too.
function sayCount() {
  const count = Number(document.getElementById("live-count")?.value || 0), title = document.title.replace(/^\(\d+\) /, "");
  document.title = count ? `(${count}) ${title}` : title;
}

function askNow() { htmx.trigger(document.body, "live"); }
on("close", (e) => { if (e.target.matches("#dialog dialog")) askNow(); }, true);
window.addEventListener("pageshow", (e) => { if (e.persisted) askNow(); });

// Nobody asked for it, so that it failed is told once, and only when it goes on.
function fail(e, word) {
  if (!isLive(e)) return;
  e.stopImmediatePropagation();
  failures += 1;
  const text = document.getElementById("toasts").dataset[word];
  if (failures === 3) document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind: "error" } }));
}
on("htmx:sendError", (e) => fail(e, "offline"));
on("htmx:responseError", (e) => fail(e, "offline"));
})();
