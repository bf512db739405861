"use strict";
// The one script that runs before anything is painted, so that nothing moves when the others start.
document.documentElement.classList.add("js");
