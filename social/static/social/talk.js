// Pointing instead of copying: select words of a preview, or tap a picture, and the form of a comment knows where.
// Without this script the same form is filled in by typing and copying.
"use strict";
(() => {
  const form = document.querySelector("[data-talk-form]");
  if (!form) return;
  const said = form.dataset;
  const field = (name) => form.elements.namedItem(name);
  const about = field("about");
  if (!about) return;
  const ours = (value) => [...about.options].some((option) => option.value === value);
  const points = (text) => [...text].length; // code points, as the server counts

  const open = (focus) => {
    document.getElementById("about-what").open = true;
    focus.scrollIntoView({ block: "center" });
    focus.focus({ preventScroll: true });
  };

  // Words

  const chosenIn = (preview) => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    let text = "";
    let start = -1;
    let end = -1;
    for (const span of preview.querySelectorAll("[data-words]")) {
      const walker = document.createTreeWalker(span, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (range.intersectsNode(node)) {
          const from = node === range.startContainer ? range.startOffset : 0;
          const to = node === range.endContainer ? range.endOffset : node.data.length;
          if (start < 0) start = text.length + from;
          end = text.length + to;
        }
        text += node.data;
      }
    }
    if (start < 0 || end <= start || !text.slice(start, end).trim()) return null;
    return { quote: text.slice(start, end), start: points(text.slice(0, start)) };
  };

  for (const preview of document.querySelectorAll(".preview-post[data-part]")) {
    const value = `words|${preview.dataset.part}`;
    const text = preview.querySelector(".preview-text");
    if (!text || !ours(value)) continue;
    let chosen = null;
    const bar = document.createElement("p");
    bar.className = "talk-bar";
    bar.hidden = true;
    for (const [words, suggests] of [[said.comment, false], [said.suggest, true]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the selection
      button.addEventListener("click", () => {
        if (!chosen) return;
        about.value = value;
        field("quote").value = chosen.quote;
        field("start").value = chosen.start;
        field("x").value = field("y").value = "";
        field("suggests").checked = suggests;
        if (suggests && !field("suggestion").value) field("suggestion").value = chosen.quote;
        open(suggests ? field("suggestion") : form.querySelector("[data-talk-words]"));
        bar.hidden = true;
      });
      bar.append(button);
    }
    text.after(bar);
    document.addEventListener("selectionchange", () => {
      const found = chosenIn(preview);
      if (found) chosen = found;
      else if (document.activeElement && bar.contains(document.activeElement)) return;
      bar.hidden = !found;
    });
  }

  // What was typed over by hand is looked for anew.
  field("quote").addEventListener("input", () => { field("start").value = ""; });
  field("place").addEventListener("change", () => { field("x").value = field("y").value = ""; });

  // Pictures

  const spotOn = (image, x, y) => {
    const space = "http://www.w3.org/2000/svg";
    for (const old of document.querySelectorAll(".talk-spot")) old.remove();
    const frame = document.createElement("span");
    frame.className = "talk-tapped";
    if (!image.parentElement.classList.contains("talk-tapped")) {
      image.replaceWith(frame);
      frame.append(image);
    }
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "talk-spot");
    svg.setAttribute("aria-hidden", "true");
    const circle = document.createElementNS(space, "circle");
    circle.setAttribute("cx", x);
    circle.setAttribute("cy", y);
    circle.setAttribute("r", 12);
    svg.append(circle);
    image.parentElement.append(svg);
  };

  for (const image of document.querySelectorAll(".preview-post[data-part] img[data-picture]")) {
    const value = `picture|${image.closest("[data-part]").dataset.part}|${image.dataset.picture}`;
    if (!ours(value)) continue;
    image.classList.add("talk-tap");
    image.title = said.tap;
    image.addEventListener("click", (event) => {
      const box = image.getBoundingClientRect();
      const [left, top] = [event.clientX - box.left, event.clientY - box.top];
      // The picture covers its box: what does not fit is cut on both sides alike.
      const scale = Math.max(box.width / image.naturalWidth, box.height / image.naturalHeight);
      const [wide, high] = [image.naturalWidth * scale, image.naturalHeight * scale];
      const share = (at, cut, whole) => Math.min(1, Math.max(0, (at + cut / 2) / whole)).toFixed(4);
      about.value = value;
      field("quote").value = field("start").value = "";
      field("suggests").checked = false;
      field("x").value = share(left, wide - box.width, wide);
      field("y").value = share(top, high - box.height, high);
      spotOn(image, left, top);
      open(form.querySelector("[data-talk-words]"));
    });
  }

  // Names

  let last = form.querySelector("[data-talk-words]");
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea:not(#quote, #suggestion)")) last = event.target;
  });
  for (const name of document.querySelectorAll("[data-mention]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name.textContent;
    button.addEventListener("click", () => {
      const before = last.value.slice(0, last.selectionStart);
      const space = !before || /\s$/.test(before) ? "" : " ";
      last.setRangeText(`${space}${name.dataset.mention} `, last.selectionStart, last.selectionEnd, "end");
      last.focus();
    });
    name.replaceWith(button);
    button.dataset.mention = name.dataset.mention;
  }
})();
