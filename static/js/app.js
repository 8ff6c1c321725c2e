/* Etalase: small comforts on top of pages that work without a script. No eval, no inline handlers, no storage of secrets. */
(function () {
  "use strict";

  const DRAFT_PREFIX = "etalase.draft:";
  const DRAFT_DAYS = 14;

  /* The summary of what is to be mended takes the focus, so that it is read out at once. */
  function focusSummary(root) {
    const summary = root.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }

  /* A link of the summary leads into the field itself, not only to its place on the page. */
  function followSummaryLink(event) {
    const link = event.target.closest("[data-error-summary] a[href^='#']");
    if (!link) return;
    const field = document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".field") || field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  }

  /* A form is sent once; the button that was pressed says that it works. */
  function sendOnce(event) {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
    if (form.dataset.sent === "yes") {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    if (!("draftStamp" in form.dataset)) forgetDraft(form); /* a stamp tells whether the server has it */
  }

  /* Coming back with the browser's arrow, the form may be sent again. */
  function allowAgain() {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }

  /* --- drafts: forms marked data-draft="name" keep what was typed in this browser ----------------------- */
  function draftKey(form) {
    return DRAFT_PREFIX + form.dataset.draft + ":" + location.pathname;
  }

  function draftFields(form) {
    return Array.from(form.elements).filter(function (field) {
      const kept = field.name && field.name !== "csrf_token" && !field.hasAttribute("data-no-draft");
      return kept && !["password", "file", "hidden", "submit", "button"].includes(field.type);
    });
  }

  function readStore(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch (error) {
      return null;
    }
  }

  function saveDraft(form) {
    const values = draftFields(form).map(function (field) {
      return [field.name, field.value, field.checked === true];
    });
    try {
      localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), stamp: form.dataset.draftStamp, values: values }));
    } catch (error) {
      return; /* storage is full or forbidden: the form still works */
    }
    sayDraft(form, form.dataset.draftKept);
  }

  function forgetDraft(form) {
    if (!form.dataset.draft) return;
    try {
      localStorage.removeItem(draftKey(form));
    } catch (error) {
      return;
    }
  }

  function sayDraft(form, sentence) {
    const place = form.querySelector("[data-draft-status]");
    if (place && sentence) place.textContent = sentence;
  }

  function restoreDraft(form) {
    const draft = readStore(draftKey(form));
    if (!draft || !Array.isArray(draft.values)) return;
    if (Date.now() - draft.at > DRAFT_DAYS * 86400000) return forgetDraft(form);
    if (document.querySelector("[data-error-summary]")) return; /* what the server sent back is newer */
    if (form.dataset.draftStamp && draft.stamp !== form.dataset.draftStamp) return forgetDraft(form); /* saved since */
    const left = draft.values.slice();
    for (const field of draftFields(form)) {
      const choice = field.type === "radio" || field.type === "checkbox";
      const index = left.findIndex(function (entry) {
        return entry[0] === field.name && (!choice || entry[1] === field.value);
      });
      if (index < 0) continue;
      const entry = left.splice(index, 1)[0];
      if (choice) field.checked = entry[2];
      else if (entry[1]) field.value = entry[1];
    }
    sayDraft(form, form.dataset.draftRestored);
  }

  function watchDraft(form) {
    let timer = 0;
    restoreDraft(form);
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(saveDraft, 600, form);
    });
  }

  /* --- the day of a date field in words, in the page's language ------------------------------------------ */
  function sayDay(event) {
    const place = document.querySelector('[data-day-words="' + event.target.id + '"]');
    if (!place || event.target.type !== "date") return;
    const parts = event.target.value.split("-").map(Number);
    if (parts.length !== 3) return void (place.textContent = "");
    const day = new Date(Date.UTC(parts[0], parts[1] - 1, parts[2]));
    const shape = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
    const language = document.documentElement.lang === "en" ? "en-GB" : "id-ID";
    place.textContent = new Intl.DateTimeFormat(language, shape).format(day);
  }

  /* --- a password may be looked at ------------------------------------------------------------------------ */
  function reveal(button) {
    const field = document.getElementById(button.dataset.reveal);
    const hiddenWord = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-controls", field.id);
    button.addEventListener("click", function () {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.textContent = shown ? button.dataset.shown : hiddenWord;
    });
    if (field.form) field.form.addEventListener("submit", function () { field.type = "password"; });
  }

  /* --- menus close on Escape and on a click elsewhere ------------------------------------------------------ */
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  }

  function escapeMenu(event) {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  }

  document.addEventListener("click", followSummaryLink);
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", escapeMenu);
  document.addEventListener("submit", sendOnce);
  document.addEventListener("input", sayDay);
  window.addEventListener("pageshow", allowAgain);
  document.addEventListener("htmx:afterSwap", function (event) { focusSummary(event.target); });
  for (const form of document.querySelectorAll("form[data-draft]")) watchDraft(form);
  for (const button of document.querySelectorAll("[data-reveal]")) reveal(button);
  for (const print of document.querySelectorAll("[data-print]")) {
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
  }
  focusSummary(document);
})();
