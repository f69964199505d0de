// Select words of a section, and the form below knows where they stand. Without this script they are copied by hand.
"use strict";
(() => {
  const text = document.querySelector("[data-passages]");
  const form = document.getElementById("say");
  if (!form) return;
  const field = (name) => form.elements.namedItem(name);
  const points = (words) => [...words].length; // code points, as the server counts

  const wordsOnly = () => {
    const kind = form.querySelector("[name=kind]:checked")?.value;
    form.querySelector("[data-words]").hidden = kind !== "replace" && kind !== "insert";
  };
  form.addEventListener("change", wordsOnly);
  wordsOnly();
  // What was typed over by hand is looked for anew.
  field("quote").addEventListener("input", () => { field("start").value = ""; });
  if (!text) return;

  const chosen = () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const unsigned = (node) => node.parentElement.closest("[data-sign]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT, unsigned);
    let whole = "";
    let start = -1;
    let end = -1;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (range.intersectsNode(node)) {
        const from = node === range.startContainer ? range.startOffset : 0;
        const to = node === range.endContainer ? range.endOffset : node.data.length;
        if (start < 0) start = whole.length + from;
        end = whole.length + to;
      }
      whole += node.data;
    }
    if (start < 0 || end <= start || !whole.slice(start, end).trim()) return null;
    return { quote: whole.slice(start, end), start: points(whole.slice(0, start)) };
  };

  const bar = document.createElement("p");
  bar.className = "filo-buttons";
  bar.hidden = true;
  let found = null;
  for (const [words, kind] of [[text.dataset.comment, "remark"], [text.dataset.suggest, "replace"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "filo-button";
    button.textContent = words;
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the selection
    button.addEventListener("click", () => {
      if (!found) return;
      field("quote").value = found.quote;
      field("start").value = found.start;
      form.querySelector(`[name=kind][value=${kind}]`).checked = true;
      wordsOnly();
      if (kind === "replace" && !field("words").value) field("words").value = found.quote;
      const next = field(kind === "replace" ? "words" : "text");
      next.scrollIntoView({ block: "center" });
      next.focus({ preventScroll: true });
      bar.hidden = true;
    });
    bar.append(button);
  }
  text.after(bar);
  document.addEventListener("selectionchange", () => {
    const now = chosen();
    if (now) found = now;
    else if (bar.contains(document.activeElement)) return;
    bar.hidden = !now;
  });
})();
