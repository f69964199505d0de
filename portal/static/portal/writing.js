// What is typed into a section is kept on the device with every key, until the server has it: nothing is lost when the browser
// dies. It is saved as one types, unless people are asked about it, or have agreed: then by hand first. And every half minute,
// while somebody types, others are told that they are in it. Without this script one saves by hand.
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
  let loaded = { begun: begun.value, texts: texts() }; // what the server has
  let unanswered = null; // what was sent, and may have arrived: it goes first, so that one's own words never stand beside one another
  const same = (one, other) => fields.every((field) => one[field.name] === other[field.name]);
  const [PAUSE, LONGEST] = [1500, 10_000]; // milliseconds
  let typedAt = 0;
  let sending = null;
  let timer = 0;
  let since = 0; // when the first sign was typed that the server does not have

  const keep = (sent) => {
    try {
      store.setItem(key, JSON.stringify({ begun: begun.value, texts: texts(), at: Date.now(), sent, unanswered }));
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
      unanswered = old.unanswered ?? null;
      const notice = document.querySelector("[data-put-back]");
      notice.hidden = false;
      state.textContent = form.dataset.kept;
      notice.querySelector("[data-throw-away]").addEventListener("click", () => {
        store.removeItem(key);
        put(loaded);
        unanswered = null;
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

  const tooMuch = () => new URLSearchParams(new FormData(form)).toString().length > form.dataset.most;
  const send = async () => {
    const sent = unanswered ?? texts();
    const body = new FormData(form);
    for (const [name, words] of Object.entries(sent)) body.set(name, words);
    body.set("do", "keep");
    unanswered = sent;
    keep(false);
    try {
      const answer = await fetch(window.location.pathname, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
      if (answer.status < 500) unanswered = null;
      if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) return;
      const told = await answer.json();
      if (told.revision) {
        begun.value = told.revision;
        loaded = { begun: begun.value, texts: sent };
        document.querySelector("[data-put-back]").hidden = true;
        document.querySelector("[data-leaving]").textContent = form.dataset.leave;
        if (!same(texts(), sent)) {
          keep(false);
          soon();
        } else if (store) store.removeItem(key);
      }
      state.textContent = told.words;
    } catch { /* what was typed is kept here, and sent again in half a minute */ }
  };
  const save = () => {
    clearTimeout(timer);
    if (sending || "waits" in form.dataset || (!unanswered && same(texts(), loaded.texts))) return;
    since = 0;
    if (tooMuch()) {
      state.textContent = form.dataset.large;
      return;
    }
    sending = send().finally(() => { sending = null; });
  };
  const soon = () => {
    since ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.min(PAUSE, Math.max(0, since + LONGEST - Date.now())));
  };

  form.addEventListener("input", () => {
    if (!typedAt) call("stay").catch(() => {});
    typedAt = Date.now();
    keep(false);
    soon();
  });
  // The button: what is under way comes first, so that one's own words never stand beside one another.
  let leaving = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (tooMuch()) {
      event.preventDefault();
      state.textContent = form.dataset.large;
      return;
    }
    keep(true);
    if (leaving || !(sending || unanswered)) return;
    event.preventDefault();
    const button = event.submitter;
    save();
    Promise.resolve(sending).then(() => {
      leaving = true;
      form.requestSubmit(button);
    });
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  setInterval(() => {
    if (typedAt) save();
    if (document.visibilityState === "visible" && Date.now() - typedAt < 60000) call("stay").catch(() => {});
  }, 30000);
})();
