// Adds up the shares while they are typed. Without this script the sum is said once they are saved.
"use strict";
(() => {
  const sum = document.querySelector("[data-sum]");
  const inputs = [...document.querySelectorAll("[data-share]")];
  if (!sum) return;
  document.addEventListener("input", (event) => {
    if (!inputs.includes(event.target)) return;
    const total = inputs.reduce((all, input) => all + (Number(input.value) || 0), 0);
    sum.value = total;
    document.querySelector("[data-not-whole]").hidden = total === 100 || total === 0;
  });
})();
