"use strict";
// A field of the copy dialog is marked as wrong exactly while its text, which each answer renews, says what is wrong.
document.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("#copy-form [aria-describedby]").forEach((field) => {
    const said = field.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id));
    const told = said.find((text) => text?.matches(".field-error, .field-asks"));
    if (!told) return;
    if (told.matches(".field-error") && told.textContent.trim()) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });
});
