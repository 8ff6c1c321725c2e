// Counting a delivery with a thumb: what is short or damaged goes off what is accepted, so that it adds up.
(() => {
  "use strict";

  const whole = (field) => {
    const text = field ? field.value.replace(/[.\s]/g, "") : "";
    return /^\d{1,12}$/.test(text) ? Number(text) : text === "" ? 0 : NaN;
  };

  const balance = (line, changed) => {
    const part = (name) => line.querySelector(`[data-part="${name}"]`);
    const written = Number(line.dataset.written);
    const accepted = part("accepted");
    if (!accepted || changed === accepted) return;
    const rest = written - whole(part("short")) - whole(part("damaged"));
    if (Number.isFinite(rest) && rest >= 0) accepted.value = String(rest);
  };

  const prepare = (line) => {
    const written = Number(line.dataset.written);
    for (const row of line.querySelectorAll("[data-stepper]")) {
      const field = row.querySelector("input");
      field.addEventListener("input", () => balance(line, field));
      for (const button of row.querySelectorAll("[data-step]")) {
        button.hidden = false;
        button.addEventListener("click", () => {
          const next = (whole(field) || 0) + Number(button.dataset.step);
          field.value = String(Math.min(Math.max(next, 0), written));
          balance(line, field);
        });
      }
    }
  };

  document.querySelectorAll("[data-receive] [data-written]").forEach(prepare);
})();
