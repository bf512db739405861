"use strict";
// A reason that is shown closes with Esc and stays closed until the pointer or the focus comes anew (WCAG 1.4.13).
(() => {
const shown = () => [...document.querySelectorAll(".why-tip")].filter((tip) => !tip.hasAttribute("data-closed") && tip.matches(":hover, :focus-within"));
document.addEventListener("keydown", (e) => {
  const tips = e.key === "Escape" ? shown() : [];
  if (!tips.length) return;
  tips.forEach((tip) => tip.setAttribute("data-closed", ""));
  e.preventDefault();
  e.stopPropagation();
}, true);
for (const name of ["pointerover", "focusin", "click"]) document.addEventListener(name, (e) => {
  const tip = e.target.closest?.(".why-tip");
  if (tip && (name === "click" || !tip.contains(e.relatedTarget))) tip.removeAttribute("data-closed");
});
// A tap gives no focus in every browser.
document.addEventListener("click", (e) => { e.target.closest?.(".why-tip > button")?.focus(); });
})();
