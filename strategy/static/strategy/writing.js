// Saves a section as it is typed. Without this script the same form is saved by its button.
// What is typed is kept in the browser first, until the server has it: a browser that dies loses nothing.
"use strict";
(() => {
  const form = document.querySelector("form[data-writing]");
  if (!form) return;
  const said = form.dataset;
  const [PAUSE, LONGEST, RENEW] = [1500, 10_000, 30_000]; // milliseconds
  const NAMES = ["title", "body", "why", "source", "horizon", "review_by", "owner"];
  const field = (name) => form.elements.namedItem(name);
  const status = form.querySelector("[data-status]");
  const lost = form.querySelector("[data-lost]");
  const values = () => JSON.stringify(NAMES.map((name) => field(name).value));
  let stored = "bound" in said ? "" : values(); // what the server has
  let unanswered = null; // what was sent, and may have arrived: it goes first, so that one's own words never stand beside one another
  let sending = null;
  let timer = 0;
  let since = 0; // when the first sign was typed that the server does not have

  // The browser's own memory may be full, or switched off: then the server alone keeps it, and the words say so.
  let kept = true;
  const remember = () => {
    try {
      localStorage.setItem(said.key, JSON.stringify({ revision: field("revision").value, values: values(), unanswered }));
      kept = true;
    } catch { kept = false; }
  };
  const remembered = () => {
    try { return JSON.parse(localStorage.getItem(said.key) || "null"); } catch { return null; }
  };
  const forget = () => {
    try { localStorage.removeItem(said.key); } catch { /* as above */ }
  };
  const say = (words) => { status.textContent = words; };
  const notSaved = (words) => say(kept ? words : said.full);
  const tooMuch = () => new URLSearchParams(new FormData(form)).toString().length > said.most;

  const showErrors = (errors) => {
    for (const old of form.querySelectorAll("[data-said]")) old.remove();
    for (const [name, all] of Object.entries(errors || {})) {
      const place = form.querySelector(`[data-field="${name}"]`);
      for (const words of place ? all : []) {
        const line = document.createElement("p");
        line.className = "filo-error";
        line.dataset.said = "";
        line.setAttribute("role", "alert");
        line.textContent = words;
        place.append(line);
      }
    }
  };

  const showBeside = () => {
    if (form.querySelector("[data-compare-link]")) return;
    const link = document.createElement("a");
    link.href = said.merge;
    link.dataset.compareLink = "";
    link.className = "filo-button";
    link.textContent = said.compare;
    status.after(link);
  };

  const send = async (sent) => {
    const body = new FormData(form);
    NAMES.forEach((name, number) => body.set(name, JSON.parse(sent)[number]));
    unanswered = sent;
    remember();
    let answer = null;
    let told = null;
    say(said.saving);
    try {
      answer = await fetch(said.save, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
      told = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : null;
    } catch { answer = null; }
    if (!answer || answer.status >= 500) {
      notSaved(said.away);
      return false;
    }
    unanswered = null;
    if (!told) {
      notSaved(said.refused);
      return false;
    }
    say(told.words);
    showErrors(told.errors);
    if (!told.revision) return true; // refused as it is: it is said why, and it is sent again once it is changed
    field("revision").value = told.revision;
    stored = sent;
    if (told.beside) showBeside();
    if (values() === stored) forget();
    else remember();
    return true;
  };

  const save = async () => {
    clearTimeout(timer);
    timer = 0;
    if (sending) return sending;
    if (values() === stored && !unanswered) return true;
    if (tooMuch()) {
      say(said.large);
      return true;
    }
    since = 0;
    const sent = unanswered ?? values();
    sending = send(sent);
    const answered = await sending;
    sending = null;
    if (!answered) timer = setTimeout(save, LONGEST);
    else if (values() !== sent) soon();
    return answered;
  };

  const soon = () => {
    const now = Date.now();
    since ||= now;
    clearTimeout(timer);
    timer = setTimeout(save, Math.min(PAUSE, Math.max(0, since + LONGEST - now)));
  };

  const typed = () => {
    if (values() === stored) return;
    remember();
    if ("waits" in said) notSaved(said.unsaved);
    else soon();
  };
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && !("waits" in said)) save();
  });

  // The button: what is under way comes first, so that one's own words never stand beside one another.
  let leaving = false;
  form.addEventListener("submit", (event) => {
    if (tooMuch()) {
      event.preventDefault();
      say(said.large);
      return;
    }
    if (leaving || !(sending || unanswered)) {
      leaving = true;
      clearTimeout(timer);
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    save().then(() => {
      clearTimeout(timer);
      leaving = true;
      form.requestSubmit(button);
    });
  });
  window.addEventListener("pageshow", () => { leaving = false; });

  // Words that never arrived
  const found = remembered();
  const offer = form.querySelector("[data-found]");
  if (found && found.values !== values()) {
    offer.hidden = false;
    offer.querySelector("[data-take]").addEventListener("click", () => {
      NAMES.forEach((name, number) => { field(name).value = JSON.parse(found.values)[number]; });
      field("revision").value = found.revision;
      unanswered = found.unanswered ?? null;
      offer.hidden = true;
      field("body").dispatchEvent(new Event("input", { bubbles: true }));
    });
    offer.querySelector("[data-drop]").addEventListener("click", () => {
      offer.hidden = true;
      forget();
    });
  } else if (stored) forget();

  // Who is in it
  const token = form.elements.namedItem("csrfmiddlewaretoken").value;
  const about = (more) => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    for (const [name, value] of Object.entries(more)) body.append(name, value);
    return body;
  };
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(said.lock, { method: "POST", body: about({}), redirect: "manual" });
      const told = await answer.json();
      lost.hidden = told.mine;
      lost.textContent = told.words;
    } catch { lost.hidden = true; }
  }, RENEW);
  window.addEventListener("pagehide", () => {
    if (!leaving) navigator.sendBeacon(said.lock, about({ leave: "1" }));
  });

  // Pictures
  for (const button of form.querySelectorAll("[data-put]")) {
    button.addEventListener("click", () => {
      const body = field("body");
      body.setRangeText(button.dataset.put, body.selectionStart, body.selectionEnd, "end");
      body.focus();
      body.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
})();
