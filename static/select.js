"use strict";
// Which invoices are chosen: kept while pages turn and rows renew, and summed in the bar. Without script the boxes of a page do.
(() => {
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const bar = () => one("#choose[data-choice]");
const boxes = () => all("[data-row-select]");
const open = () => boxes().filter((box) => !box.disabled);
const idOf = (box) => box.closest("[data-row]").id.replace("invoice-row-", "");
let lastBox = null;

// {ids: {id: [cents, currency]}, every: the address whose ready invoices are all chosen, or ""}
const nameOf = () => `chosen ${bar().dataset.choice}`;
function load() {
  try { return { ids: {}, every: "", ...JSON.parse(sessionStorage.getItem(nameOf())) }; } catch { return { ids: {}, every: "" }; }
}
const save = (chosen) => sessionStorage.setItem(nameOf(), JSON.stringify(chosen));
const everyHere = (chosen) => chosen.every !== "" && chosen.every === bar().getAttribute("action");
const valueOf = (box) => [Number(box.dataset.cents), box.dataset.currency];

function choose(some, checked) {
  const chosen = load();
  if (everyHere(chosen)) {
    // Who takes one out of all goes on with those of this page.
    chosen.every = "";
    open().forEach((box) => { chosen.ids[idOf(box)] = valueOf(box); });
  }
  some.forEach((box) => { if (checked) chosen.ids[idOf(box)] = valueOf(box); else delete chosen.ids[idOf(box)]; });
  save(chosen);
  show();
}

const spell = (cents, currency) => new Intl.NumberFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang,
  { style: "currency", currency, minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(cents / 100);
function amountsOf(ids) {
  const sums = {};
  Object.values(ids).forEach(([cents, currency]) => { sums[currency] = (sums[currency] || 0) + cents; });
  return Object.entries(sums).map(([currency, cents]) => spell(cents, currency)).join(" + ");
}

function show() {
  const form = bar();
  if (!form) return;
  const chosen = load(), every = everyHere(chosen), ready = one("[data-choose-all]", form);
  // What cannot be copied any more is not chosen any more.
  boxes().forEach((box) => { if (box.disabled) delete chosen.ids[idOf(box)]; });
  save(chosen);
  boxes().forEach((box) => { box.checked = !box.disabled && (every || idOf(box) in chosen.ids); });
  const page = one("[data-select-page]"), ticked = open().filter((box) => box.checked).length;
  if (page) {
    page.disabled = open().length === 0;
    page.checked = ticked > 0 && ticked === open().length;
    page.indeterminate = ticked > 0 && !page.checked;
  }

  const here = new Set(boxes().map(idOf)), elsewhere = Object.keys(chosen.ids).filter((id) => !here.has(id));
  const count = every ? Number(ready.dataset.count) : Object.keys(chosen.ids).length;
  const amount = every ? ready.dataset.amount : amountsOf(chosen.ids), words = form.dataset;
  const said = one("[data-chosen]", form), note = one("[data-note]", form), copy = one("[data-copy-chosen]", form);
  said.hidden = copy.hidden = count === 0;
  one("[data-unchosen]", form).hidden = count > 0;
  said.textContent = `${count === 1 ? words.one : words.many.replace("{}", count)} · ${amount}`;
  note.textContent = count === 0 ? "" : every ? words.every : elsewhere.length ? words.elsewhere.replace("{}", elsewhere.length) : "";
  one("[data-copy-words]", form).textContent = words.copy.replace("{}", count);
  one("[data-choose-none]", form).hidden = count === 0;
  ready.hidden = every;

  one("[data-kept]", form).replaceChildren(...(every ? [["all", "1"]] : elsewhere.map((id) => ["invoice", id])).map(([name, value]) =>
    Object.assign(document.createElement("input"), { type: "hidden", name, value })));
}

document.addEventListener("click", (e) => {
  const box = e.target.closest("[data-row-select]");
  if (box) {
    // With shift everything from the last one to this.
    const row = open(), from = row.indexOf(lastBox), to = row.indexOf(box);
    choose(e.shiftKey && from >= 0 ? row.slice(Math.min(from, to), Math.max(from, to) + 1) : [box], box.checked);
    lastBox = box;
  }
  if (e.target.closest("[data-choose-all]")) {
    e.preventDefault();
    save({ ids: {}, every: bar().getAttribute("action") });
    show();
    one("[data-copy-chosen]").focus();
  }
  if (e.target.closest("[data-choose-none]")) {
    save({ ids: {}, every: "" });
    show();
    one("[data-choose-all]:not(:disabled)")?.focus();
  }
});
document.addEventListener("change", (e) => { if (e.target.matches("[data-select-page]")) choose(open(), e.target.checked); });
// The next page shows what was chosen, and the choice begins anew.
document.addEventListener("submit", (e) => { if (e.target === bar()) setTimeout(() => save({ ids: {}, every: "" })); });
["DOMContentLoaded", "htmx:afterSettle", "htmx:oobAfterSwap"].forEach((name) => document.addEventListener(name, show));
window.addEventListener("pageshow", show);
})();
