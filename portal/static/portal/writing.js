// What is typed into a section is kept on the device with every key, until it is saved: nothing is lost when the browser dies.
// And every half minute, while somebody types, others are told that they are in it. Without this script one saves by hand.
"use strict";
(() => {
  const PREFIX = "filo:writing:";
  const OLDEST = 14 * 24 * 3600 * 1000; // milliseconds
  const store = (() => {
    try {
      window.localStorage.setItem(`${PREFIX}test`, "1");
      window.localStorage.removeItem(`${PREFIX}test`);
      return window.localStorage;
    } catch {
      return null;
    }
  })();

  const read = (key) => {
    try {
      return JSON.parse(store.getItem(key));
    } catch {
      return null;
    }
  };

  if (store) {
    const saved = document.querySelector("[data-kept-away]");
    for (const key of Object.keys(store).filter((name) => name.startsWith(PREFIX))) {
      const old = read(key);
      const settled = saved && key.endsWith(`:${saved.dataset.keptAway}`) && old && old.sent;
      if (!old || settled || Date.now() - old.at > OLDEST) store.removeItem(key);
    }
  }

  const form = document.querySelector("[data-writing]");
  if (!form) return;
  const key = PREFIX + form.dataset.writing;
  const state = form.querySelector("[data-writing-state]");
  const fields = ["title", "body", "why", "source"].map((name) => form.elements.namedItem(name));
  const begun = form.elements.namedItem("begun_from");
  const texts = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const loaded = { begun: begun.value, texts: texts() };
  const same = (one, other) => fields.every((field) => one[field.name] === other[field.name]);
  let typedAt = 0;

  const keep = (sent) => {
    try {
      store.setItem(key, JSON.stringify({ begun: begun.value, texts: texts(), at: Date.now(), sent }));
      state.textContent = form.dataset.kept;
    } catch {
      state.textContent = form.dataset.lost;
    }
  };

  const put = (wanted) => {
    begun.value = wanted.begun;
    for (const field of fields) field.value = wanted.texts[field.name];
  };

  const old = store && read(key);
  if (old && old.texts) {
    const refused = form.querySelector(".errorlist") !== null;
    if (same(old.texts, loaded.texts)) {
      if (!refused) store.removeItem(key);
    } else if (!refused) {
      put(old);
      const notice = document.querySelector("[data-put-back]");
      notice.hidden = false;
      state.textContent = form.dataset.kept;
      notice.querySelector("[data-throw-away]").addEventListener("click", () => {
        store.removeItem(key);
        put(loaded);
        state.textContent = "";
        notice.hidden = true;
      });
    }
  }

  const call = (what) => {
    const body = new FormData();
    body.set("do", what);
    body.set("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
    return fetch(window.location.pathname, { method: "POST", body, credentials: "same-origin", keepalive: true });
  };
  form.addEventListener("input", () => {
    if (!typedAt) call("stay").catch(() => {});
    typedAt = Date.now();
    keep(false);
  });
  form.addEventListener("submit", () => keep(true));
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - typedAt < 60000) call("stay").catch(() => {});
  }, 30000);
})();
