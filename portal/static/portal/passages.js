// Any words, not whole sentences only: select some of the text, and a button leads to where one says something of them.
// Without this script sentences are chosen by their links.
"use strict";
(() => {
  const text = document.querySelector("[data-passages]");
  if (!text || !text.querySelector("[data-start]")) return;
  const points = (words) => [...words].length; // code points, as the server counts

  const bar = document.createElement("p");
  bar.className = "passage-bar";
  bar.hidden = true;
  const way = document.createElement("a");
  way.className = "button first";
  way.textContent = text.dataset.say;
  bar.append(way);
  text.after(bar);

  const placeOf = (node, offset) => {
    const passage = node.nodeType === Node.TEXT_NODE ? node.parentElement.closest("[data-start]") : null;
    return passage && text.contains(passage) ? Number(passage.dataset.start) + points(node.data.slice(0, offset)) : null;
  };

  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    bar.hidden = true;
    if (!selection || selection.isCollapsed || !selection.rangeCount || !selection.toString().trim()) return;
    const range = selection.getRangeAt(0);
    const start = placeOf(range.startContainer, range.startOffset);
    const end = placeOf(range.endContainer, range.endOffset);
    if (start === null || end === null || end <= start) return;
    way.href = `?revision=${text.dataset.revision}&passage=${start}-${end}#say`;
    bar.hidden = false;
  });
})();
