// Unfold writes the name of a chosen file into the first text field near by, which is right for its own inputs alone: beside ours
// that is the client's name, or a post's title.
"use strict";
(() => {
  const leave = () => {
    for (const input of document.querySelectorAll("input[type=file].filo-file")) input.hasChangeListener = true;
  };
  document.addEventListener("DOMContentLoaded", () => {
    leave();
    new MutationObserver(leave).observe(document.body, { childList: true, subtree: true });
  });
})();
