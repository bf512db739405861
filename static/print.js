// Prints a page that was opened to be printed.
addEventListener("load", () => location.hash === "#print" && print());
