/* Counting a shelf where there is no signal: what was sent waits in this browser and goes out once it is back.
   Every count carries its own key, which the database keeps unique: however often it arrives, it is written once. */
(function () {
  "use strict";

  const QUEUE = "etalase.counts";
  const RETRY_MS = 15000;
  let sending = false;

  function readQueue() {
    try {
      const kept = JSON.parse(localStorage.getItem(QUEUE));
      return Array.isArray(kept) ? kept : [];
    } catch (error) {
      return [];
    }
  }

  function writeQueue(waiting) {
    try {
      localStorage.setItem(QUEUE, JSON.stringify(waiting));
      return true;
    } catch (error) {
      return false; /* no storage: the form goes the plain way */
    }
  }

  function say(kind) {
    const place = document.querySelector("[data-count-queue]");
    if (!place) return;
    place.textContent = kind ? place.dataset[kind] : "";
    place.className = kind ? "note mb-3" + (kind === "sent" ? " note--ok" : " note--grace") : "mb-3";
  }

  function token() {
    try {
      return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    } catch (error) {
      return "";
    }
  }

  /* Answers "sent", "refused" (the server looked and said no) or "waiting" (nobody answered). */
  async function send(entry) {
    const body = new URLSearchParams(entry.fields);
    body.set("csrf_token", token());
    try {
      const answer = await fetch(entry.url, { method: "POST", body: body, credentials: "same-origin", redirect: "follow" });
      if (answer.ok && answer.redirected && !answer.url.includes("/sign-in")) return { state: "sent", url: answer.url };
      return { state: answer.status >= 500 || answer.status === 429 || answer.redirected ? "waiting" : "refused" };
    } catch (error) {
      return { state: "waiting" };
    }
  }

  function forget(key) {
    writeQueue(readQueue().filter((entry) => entry.key !== key));
  }

  async function drain() {
    if (sending) return;
    sending = true;
    let sent = 0;
    for (const entry of readQueue()) {
      const found = await send(entry);
      if (found.state === "waiting") break;
      forget(entry.key); /* refused ones stay in the draft of their page */
      if (found.state === "sent") {
        sent += 1;
        forgetDraft(entry.draft);
        const here = document.querySelector("form[data-count] input[name=key]");
        if (here && here.value === entry.key) return location.assign(found.url);
      }
    }
    sending = false;
    if (readQueue().length) say("waiting");
    else if (sent) say("sent");
  }

  function forgetDraft(name) {
    try {
      if (name) localStorage.removeItem(name);
    } catch (error) {
      return;
    }
  }

  function draftName(form) {
    return "etalase.draft:" + form.dataset.draft + ":" + location.pathname;
  }

  async function submit(event) {
    const form = event.target;
    const fields = Array.from(new FormData(form).entries()).filter((entry) => entry[0] !== "csrf_token");
    const key = (fields.find((entry) => entry[0] === "key") || ["", ""])[1];
    const entry = { key: key, url: form.action, fields: fields, draft: draftName(form) };
    if (!writeQueue([...readQueue().filter((other) => other.key !== key), entry])) return;
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.setAttribute("aria-busy", "true");
    const found = await send(entry);
    button.removeAttribute("aria-busy");
    if (found.state === "sent") {
      forget(key);
      forgetDraft(entry.draft);
      location.assign(found.url);
    } else if (found.state === "refused") {
      forget(key);
      form.submit(); /* the server's own page says what to mend */
    } else {
      say("waiting");
    }
  }

  for (const form of document.querySelectorAll("form[data-count]")) form.addEventListener("submit", submit);
  window.addEventListener("online", drain);
  window.setInterval(function () {
    if (readQueue().length) drain();
  }, RETRY_MS);
  if (readQueue().length) {
    say("waiting");
    drain();
  }
})();
