/* The product form: the parts that suit the kind stand open; what is asked for by the address too. */
(function () {
  "use strict";

  const form = document.querySelector("[data-listing]");
  if (!form) return;
  const category = form.querySelector("[name='category']");
  const touched = new Set();

  /* A part that a person opened or closed stays as it is. */
  for (const part of form.querySelectorAll("[data-section] > summary")) {
    part.addEventListener("click", function () { touched.add(part.parentElement.dataset.section); });
  }

  function openSuiting() {
    const wanted = category.value.trim().toLowerCase();
    const option = Array.from(document.querySelectorAll("#jenis option")).find(function (one) {
      return one.value.toLowerCase() === wanted;
    });
    if (!option) return;
    const suiting = option.dataset.opens.split(" ");
    for (const part of form.querySelectorAll("[data-section]")) {
      if (touched.has(part.dataset.section) || part.querySelector(".field--error")) continue;
      if (suiting.includes(part.dataset.section)) part.open = true;
    }
  }

  function openAsked() {
    const asked = location.hash && document.getElementById(location.hash.slice(1));
    const part = asked && asked.closest("details");
    if (part) {
      part.open = true;
      asked.scrollIntoView({ block: "center" });
    }
  }

  category.addEventListener("change", openSuiting);
  window.addEventListener("hashchange", openAsked);
  openAsked();
})();
