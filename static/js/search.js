/* Suggestions under every search box marked data-suggest. Without this file the form simply searches. */
(function () {
  "use strict";

  const WAIT_MS = 140;
  let number = 0;

  function attach(form) {
    const box = form.querySelector("input[type=search]");
    const list = document.createElement("div");
    const status = document.createElement("span");
    let timer = 0, asked = 0, chosen = -1;
    list.className = "suggest";
    list.id = "suggest-" + ++number;
    list.hidden = true;
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    form.append(list, status);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");

    function options() {
      return Array.from(list.querySelectorAll("[role=option]"));
    }

    function close() {
      list.hidden = true;
      chosen = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    }

    function show(html) {
      list.innerHTML = html; /* our own server's, escaped there */
      const found = options();
      found.forEach(function (option, place) { option.id = list.id + "-" + place; });
      list.hidden = !found.length;
      chosen = -1;
      box.setAttribute("aria-expanded", String(found.length > 0));
      box.removeAttribute("aria-activedescendant");
    }

    function ask() {
      const turn = ++asked, q = box.value.trim();
      if (q.length < 2) return close();
      fetch(form.dataset.suggest + "?q=" + encodeURIComponent(q), { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.text() : ""; })
        .then(function (html) { if (turn === asked && document.activeElement === box) show(html); })
        .catch(close);
    }

    function choose(step) {
      const found = options();
      if (list.hidden || !found.length) return;
      chosen = (chosen + step + found.length + (chosen < 0 && step < 0 ? 1 : 0)) % found.length;
      found.forEach(function (option, place) { option.setAttribute("aria-selected", String(place === chosen)); });
      box.setAttribute("aria-activedescendant", found[chosen].id);
      found[chosen].scrollIntoView({ block: "nearest" });
    }

    box.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    });
    box.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
        event.preventDefault();
        options()[chosen].querySelector("a").click();
      }
    });
    document.addEventListener("click", function (event) { if (!form.contains(event.target)) close(); });
    form.addEventListener("focusout", function (event) {
      if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
    });
  }

  for (const form of document.querySelectorAll("form[data-suggest]")) attach(form);
})();
