"use strict";
// Keys for those who do without a mouse: rows, search, help, and a palette of everything that a page can do.
(() => {
const OFF = "portal-keys-off";
const FIELD = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isOff = () => localStorage.getItem(OFF) === "1";
const isShown = (el) => el.checkVisibility({ visibilityProperty: true });
const helpOf = () => one("#keys-help"), paletteOf = () => one("#palette");

// Rows: the one that holds the focus, or that j and k came to last.
let last;
const rows = () => all("main [data-row]").filter(isShown);
const currentRow = () => document.activeElement.closest("[data-row]") || (last && document.getElementById(last));
function walk(step) {
  const shown = rows();
  if (!shown.length) return false;
  const at = shown.indexOf(currentRow());
  const row = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + step, 0), shown.length - 1)];
  one("[data-row-open]", row)?.focus();
  row.scrollIntoView({ block: "nearest" });
  last = row.id;
  return true;
}
function press(selector, row = currentRow() || rows()[0]) {
  const control = row && one(selector, row);
  if (!control || control.disabled) return false;
  control.focus();
  control.click();
  return true;
}
function back() {
  const link = one("main [data-back]");
  link?.click();
  return Boolean(link);
}
const search = () => { const field = one("main [data-search], main [role=search] input[type=search]"); field?.focus(); field?.select(); return Boolean(field); };
const KEYS = { "/": search, j: () => walk(1), k: () => walk(-1), x: () => press("[data-row-select]"), c: () => press("[data-row-copy]"), "?": () => show(helpOf()), Escape: back };

function show(dialog) {
  if (!dialog || dialog.open) return false;
  const toggle = one("[data-keys-off]", dialog);
  if (toggle) toggle.checked = isOff();
  dialog.showModal();
  return true;
}
document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.isComposing) return;
  if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") { e.preventDefault(); openPalette(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || one("dialog[open]")) return;
  if (e.target.matches(FIELD)) { if (e.key === "Escape" && !e.target.closest("[data-inline-edit]")) e.target.blur(); return; }
  if (e.key !== "Escape" && isOff()) return;
  if (KEYS[e.key]?.()) e.preventDefault();
});
document.addEventListener("change", (e) => { if (e.target.matches("[data-keys-off]")) localStorage.setItem(OFF, e.target.checked ? "1" : "0"); });
document.addEventListener("click", (e) => {
  if (e.target.closest("[data-show-keys]")) show(helpOf());
  if (e.target.closest("[data-palette]")) openPalette();
});

// The palette: what the page offers now, then where one can go, narrowed by what is typed.
let actions = [];
const nameOf = (el) => (el.getAttribute("aria-label") || el.innerText || el.title).replace(/\s+/g, " ").trim();
function gather() {
  const { row: rowWord, here, go } = paletteOf().dataset, row = currentRow();
  row?.dispatchEvent(new CustomEvent("row-menu", { bubbles: true }));
  const of = (selector, group, root) => all(selector, root).filter((el) => !el.disabled && !el.closest("dialog")).map((el) => ({ el, group, name: nameOf(el) }));
  const ofRow = row ? of("[data-row-copy], [data-row-select], [data-row-open], .menu-item", `${rowWord} ${nameOf(one("[data-row-open]", row) || row)}`, row) : [];
  const ofPage = of(".page-actions :is(a, button), main .btn, main .chip, main .tabs a, main [data-action]", here).filter(({ el }) => isShown(el) && !el.closest("[data-row], td"));
  const found = [...ofRow, ...ofPage, ...of(".app-nav a, #account-menu-items .menu-item, [data-place]", go, document)];
  return found.filter(({ name, group }, at) => name && found.findIndex((each) => each.name === name && each.group === group) === at);
}
function openPalette() {
  const palette = paletteOf();
  if (!palette || palette.open || one("dialog[open]")) return;
  actions = gather();
  one("input", palette).value = "";
  list("");
  palette.showModal();
}
function list(query) {
  const palette = paletteOf(), box = one("[role=listbox]", palette), words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = actions.filter(({ name, group }) => words.every((word) => `${name} ${group}`.toLowerCase().includes(word)));
  box.replaceChildren(...fits.slice(0, 40).map((action, at) => {
    const option = document.createElement("div"), name = document.createElement("span"), group = document.createElement("span");
    Object.assign(option, { id: `palette-${at}`, role: "option", className: "option" });
    name.textContent = action.name;
    Object.assign(group, { textContent: action.group, className: "option-note" });
    option.append(name, group);
    option.dataset.at = actions.indexOf(action);
    return option;
  }), ...(query.trim() ? [searchOption(query.trim())] : []));
  one("[data-none]", palette).hidden = Boolean(box.children.length);
  mark(box.firstElementChild);
}
function searchOption(query) {
  const option = document.createElement("div"), name = document.createElement("span");
  Object.assign(option, { id: "palette-search", role: "option", className: "option" });
  name.textContent = paletteOf().dataset.search.replace("{}", query);
  option.append(name);
  option.dataset.query = query;
  return option;
}
function mark(option) {
  const palette = paletteOf(), input = one("input", palette);
  all("[role=option]", palette).forEach((each) => { each.ariaSelected = String(each === option); each.classList.toggle("active", each === option); });
  option ? input.setAttribute("aria-activedescendant", option.id) : input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}
function run(option) {
  const palette = paletteOf(), { query, at } = option.dataset;
  palette.close();
  if (query) { location.href = `${palette.dataset.invoices}?q=${encodeURIComponent(query)}`; return; }
  const { el } = actions[at];
  el.focus();
  el.click();
}
document.addEventListener("input", (e) => { if (e.target.closest("#palette")) list(e.target.value); });
document.addEventListener("keydown", (e) => {
  const palette = e.target.closest("#palette");
  if (!palette) return;
  const options = all("[role=option]", palette), at = options.findIndex((each) => each.classList.contains("active"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step && options.length) mark(options[(at + step + options.length) % options.length]);
  else if (e.key === "Enter" && options[at]) run(options[at]);
  else return;
  e.preventDefault();
});
document.addEventListener("click", (e) => {
  const option = e.target.closest("#palette [role=option]");
  if (option) run(option);
  else if (e.target.matches("#palette, #keys-help")) e.target.close();
});
})();
