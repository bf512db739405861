"use strict";
// Search-as-you-type list: arrows, Enter and Esc over the options that the server sent.
(() => {
function options(box) { return [...box.querySelectorAll("[role=option]")]; }
function mark(box, option) {
  const input = box.querySelector("[role=combobox]");
  options(box).forEach((each) => each.classList.toggle("active", each === option));
  option?.scrollIntoView({ block: "nearest" });
  option ? input.setAttribute("aria-activedescendant", option.id) : input.removeAttribute("aria-activedescendant");
}
function setList(box, open) {
  box.toggleAttribute("data-closed", !open);
  box.querySelector("[role=combobox]").ariaExpanded = String(open && options(box).length > 0);
  if (!open) mark(box, null);
}
function pick(box, option) {
  const hidden = box.querySelector("[data-combobox-value]"), input = box.querySelector("[role=combobox]");
  hidden.value = option.value;
  input.value = option.dataset.text;
  options(box).forEach((each) => { each.ariaSelected = String(each === option); });
  setList(box, false);
  input.focus();
  hidden.dispatchEvent(new Event("change", { bubbles: true }));
}
document.addEventListener("input", (e) => {
  const box = e.target.matches("[role=combobox]") && e.target.closest(".combobox");
  if (!box) return;
  box.querySelector("[data-combobox-value]").value = "";
  setList(box, true);
});
document.addEventListener("htmx:afterSwap", () => document.querySelectorAll(".combobox").forEach((box) => setList(box, box.contains(document.activeElement) && !box.hasAttribute("data-closed"))));
document.addEventListener("focusout", (e) => {
  const box = e.target.closest(".combobox");
  if (box && !box.contains(e.relatedTarget)) setList(box, false);
});
document.addEventListener("click", (e) => {
  const box = e.target.closest(".combobox"), option = e.target.closest("[role=option]");
  if (box && option) { e.preventDefault(); pick(box, option); }
  else if (box && e.target.matches("[role=combobox]")) setList(box, true);
}, true);
function keyInCombobox(e, box) {
  const all = options(box), at = all.findIndex((each) => each.classList.contains("active"));
  const open = !box.hasAttribute("data-closed") && all.length > 0;
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step && all.length) { setList(box, true); mark(box, all[(at + step + all.length + (at < 0 && step < 0)) % all.length]); }
  else if (e.key === "Enter") { if (open && at >= 0) pick(box, all[at]); }
  else if (e.key === "Escape" && open) setList(box, false);
  else return;
  e.preventDefault();
}
document.addEventListener("keydown", (e) => {
  const box = e.target.matches("[role=combobox]") && e.target.closest(".combobox");
  if (box) keyInCombobox(e, box);
}, true);
})();
