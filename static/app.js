"use strict";
// Small behaviours that HTML and htmx do not have. Everything is delegated, so swapped fragments need no set-up.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (name, act, capture = false) => document.addEventListener(name, act, capture);
const toasts = () => document.getElementById("toasts");

// htmx: CSRF header, no polling in hidden tabs, failures in a plain sentence.
on("htmx:configRequest", (e) => {
  if (e.detail.verb !== "get") e.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
  if (e.detail.elt.matches("[data-poll]")) e.detail.headers["X-Poll"] = "1"; // nobody's doing, so that an idle session ends
});
on("htmx:beforeRequest", (e) => {
  if (document.hidden && e.detail.elt.matches("[data-poll]")) return e.preventDefault();
  if (e.detail.target.id === "dialog" && !document.querySelector("#dialog dialog")) rememberOpener(e.detail.elt);
});
on("visibilitychange", () => document.hidden || $$("[data-poll]").forEach((el) => htmx.trigger(el, "wake")));
on("htmx:responseError", ({ detail: { xhr } }) => {
  if ((xhr.getResponseHeader("HX-Trigger") || "").includes("toast")) return;
  const text = { 400: "forbidden", 403: "forbidden", 429: "busy" }[xhr.status] || "failed";
  showToast(toasts().dataset[text], "error");
});
on("htmx:sendError", () => showToast(toasts().dataset.offline, "error"));
// What had the focus may be gone after a swap; the next thing in the same place takes it, so that a keyboard goes on from there.
let place;
const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled, [type=hidden]), select:not(:disabled), summary";
on("htmx:beforeSwap", ({ detail: { target } }) => { place = target.contains(document.activeElement) ? target.id : null; });
on("htmx:afterSettle", () => {
  if (place && document.activeElement === document.body) document.getElementById(place)?.querySelector(FOCUSABLE)?.focus();
  place = null;
});
on("toast", (e) => showToast(e.detail.text, e.detail.kind));

let toastTimer;
function showToast(text, kind = "success") {
  const toast = document.createElement("div"), close = document.createElement("button");
  toast.className = `toast toast-${kind}`;
  close.type = "button";
  close.textContent = "×";
  close.ariaLabel = toasts().dataset.dismiss;
  close.onclick = () => toast.remove();
  toast.append(text, close);
  toast.popover = "manual"; // the top layer, so that it shows above a dialog
  (document.querySelector("dialog:modal") || toasts()).append(toast);
  $$(".toast").forEach((old) => old === toast || old.remove());
  toast.showPopover?.();
  clearTimeout(toastTimer);
  if (kind !== "error") toastTimer = setTimeout(() => toast.remove(), 7000);
}

on("click", (e) => e.target.closest("[data-print]") && window.print());

// Dialog: opened when swapped in, emptied when closed, focus goes back to what opened it.
let opener;
function rememberOpener(el) {
  const menu = el.closest(".menu");
  const from = menu ? menu.querySelector(".menu-trigger") : el;
  opener = { from, id: from.id, row: from.parentElement.closest("[id]")?.id };
}
// A dialog that answers itself goes on at its first problem, else where the work is done.
const PROBLEM = "[aria-invalid=true], .notice-error :is(button, a, summary, input)";
const GOES_ON = ".new-customer .input, #copy-customer[value=''], #copy-submit";
let goesOn = false;
on("htmx:beforeSwap", ({ detail: { target } }) => { goesOn = target.matches("dialog"); });
function openDialogs() {
  $$("dialog[data-auto-open]:not([open])").forEach((dialog) => {
    dialog.showModal();
    if (goesOn && !dialog.querySelector("[autofocus]")) (dialog.querySelector(PROBLEM) || dialog.querySelector(GOES_ON))?.focus();
    closeMenus();
  });
  goesOn = false;
}
on("htmx:afterSwap", openDialogs);
on("DOMContentLoaded", openDialogs);
// What was asked in a dialog has no place once the dialog is closed, or is another.
const asking = new WeakSet();
on("htmx:beforeRequest", ({ target }) => {
  const dialog = target.closest("dialog");
  if (!dialog || asking.has(target)) return;
  asking.add(target);
  target.addEventListener("htmx:beforeOnLoad", (answer) => { if (!dialog.isConnected) answer.preventDefault(); });
});
on("close", (e) => {
  if (!e.target.matches("#dialog dialog")) return;
  e.target.remove();
  const row = opener && document.getElementById(opener.row);
  const back = !opener ? null : opener.from.isConnected ? opener.from
    : document.getElementById(opener.id) || row?.querySelector(".menu-trigger, [data-row-copy]") || row?.querySelector("button, a") || document.getElementById("main");
  back?.focus();
  closeMenus();
  opener = null;
}, true);

// Menus: hover and focus are CSS; this keeps aria-expanded true to what is seen, and adds Esc and the arrows.
function setMenu(menu, open) {
  if (open) closeMenus(menu);
  menu.toggleAttribute("data-closed", !open);
  menu.querySelector(".menu-trigger").ariaExpanded = String(open);
  if (!open) menu.removeAttribute("data-pinned");
}
const closeMenus = (except) => $$(".menu").forEach((menu) => menu !== except && setMenu(menu, false));
on("pointerover", (e) => {
  const menu = e.target.closest(".menu");
  if (menu && e.pointerType !== "touch" && !menu.contains(e.relatedTarget)) setMenu(menu, true);
});
on("pointerout", (e) => {
  const menu = e.target.closest(".menu");
  if (menu && e.pointerType !== "touch" && !menu.contains(e.relatedTarget) && !menu.contains(document.activeElement)) setMenu(menu, false);
});
on("focusin", (e) => {
  const menu = e.target.closest(".menu");
  if (menu && !menu.contains(e.relatedTarget)) setMenu(menu, true);
});
on("focusout", (e) => {
  const menu = e.target.closest(".menu");
  if (menu && !menu.contains(e.relatedTarget) && !menu.matches(":hover")) setMenu(menu, false);
});
on("click", (e) => {
  const trigger = e.target.closest(".menu-trigger"), menu = trigger?.parentElement;
  if (!menu) return e.target.closest(".menu") || closeMenus();
  const pinned = menu.hasAttribute("data-pinned");
  setMenu(menu, !pinned);
  menu.toggleAttribute("data-pinned", !pinned);
});

// Keys.
function keyInMenu(e, menu) {
  const items = $$(".menu-item:not(:disabled)", menu), at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[e.key];
  if (e.key === "Escape") { if (menu.contains(document.activeElement)) menu.querySelector(".menu-trigger").focus(); setMenu(menu, false); }
  else if (to !== undefined) { setMenu(menu, true); items[(to + items.length) % items.length].focus(); }
  else return;
  e.preventDefault();
}
on("keydown", (e) => {
  if (e.defaultPrevented) return;
  const edit = e.target.closest("[data-inline-edit]");
  const menu = e.target.closest(".menu") || (e.key === "Escape" && document.querySelector(".menu:hover:not([data-closed])"));
  if (menu) keyInMenu(e, menu);
  else if (edit && e.key === "Escape") { e.preventDefault(); edit.querySelector("[data-cancel]")?.click(); }
  else if (e.target.matches("select[data-autosubmit]")) keyInChoice(e);
});

// A choice is sent at once, but not while keys walk over what is not meant: then by Enter, or on leaving where nothing else sends it.
let walking = null;
function keyInChoice(e) {
  if (e.key === "Enter") { e.preventDefault(); walking = null; e.target.form.requestSubmit(); }
  else if (e.key !== "Tab") walking ??= { choice: e.target, was: e.target.value };
}
on("pointerdown", () => { walking = null; });
on("focusout", (e) => {
  if (walking?.choice !== e.target) return;
  const { was } = walking;
  walking = null;
  if (e.target.value !== was && !e.target.closest("[data-inline-edit]")) e.target.form.requestSubmit();
});

// Small helpers named by data attributes.
on("click", (e) => {
  const dialog = e.target.closest("[data-close-dialog]") && e.target.closest("dialog:modal");
  if (dialog) { e.preventDefault(); dialog.close(); }
});
on("closeDialog", () => document.querySelector("#dialog dialog")?.close());
on("change", (e) => {
  if (e.target.matches("[data-autosubmit]") && walking?.choice !== e.target) e.target.form.requestSubmit();
  const name = e.target.dataset.checkAll;
  if (name) $$(`input[type=checkbox][name="${name}"]:not(:disabled)`).forEach((box) => { box.checked = e.target.checked; });
  $$("[data-check-all]").forEach((all) => {
    const boxes = $$(`input[type=checkbox][name="${all.dataset.checkAll}"]:not(:disabled)`), ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    $$(`[data-checked-count="${all.dataset.checkAll}"]`).forEach((count) => { count.textContent = ticked; });
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
});
