/* Photos on a phone: shrunk before they travel, sent one by one with what is left to go, sent again after a lost
   connection, put in order by dragging. Without this script the form sends them as they are. */
(function () {
  "use strict";

  const LONGEST = 1600;
  const QUALITY = 0.85;
  const SMALL_ENOUGH = 350000;
  const TRIES = 8;
  const POLL_MS = 1500;
  const POLLS = 40;

  function words() {
    const place = document.querySelector("[data-photos-words]");
    return place ? place.dataset : {};
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }

  function pause(ms) {
    return new Promise(function (done) { setTimeout(done, ms); });
  }

  /* Until the phone says that it has a connection again, or the time is over. */
  function untilOnline(ms) {
    return new Promise(function (done) {
      const timer = setTimeout(finish, ms);
      function finish() {
        clearTimeout(timer);
        window.removeEventListener("online", finish);
        done();
      }
      window.addEventListener("online", finish);
    });
  }

  /* --- shrinking: no larger than the largest size that the shop shows; a failure sends the file as it is ----- */
  function shrink(file) {
    if (!window.createImageBitmap || !/^image\/(jpeg|png|webp)$/.test(file.type)) return Promise.resolve(file);
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (bitmap) {
      const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
      if (scale === 1 && file.size < SMALL_ENOUGH) return file;
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(bitmap.width * scale));
      canvas.height = Math.max(1, Math.round(bitmap.height * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      return new Promise(function (done) {
        canvas.toBlob(function (blob) { done(blob && blob.size < file.size ? blob : file); }, "image/jpeg", QUALITY);
      });
    }).catch(function () { return file; });
  }

  /* --- sending ------------------------------------------------------------------------------------------------ */
  function send(address, fields, blob, name, onShare) {
    return new Promise(function (done, fail) {
      const body = new FormData();
      Object.keys(fields).forEach(function (key) { body.append(key, fields[key]); });
      body.append("photos", blob, name);
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.timeout = 120000;
      request.upload.onprogress = function (event) {
        if (event.lengthComputable) onShare(Math.round((100 * event.loaded) / event.total));
      };
      request.onerror = request.ontimeout = request.onabort = function () { fail({ again: true }); };
      request.onload = function () {
        if (request.status >= 200 && request.status < 300) return done(request.responseText);
        let said = "";
        try { said = JSON.parse(request.responseText).detail; } catch (error) { said = ""; }
        fail({ again: request.status >= 500 || request.status === 429, said: said });
      };
      request.send(body);
    });
  }

  function Item(file, queue, onGone) {
    this.file = file;
    this.key = newKey();
    this.row = document.createElement("li");
    this.row.className = "sending__item";
    this.name = document.createElement("b");
    this.name.textContent = file.name || "foto";
    this.bar = document.createElement("progress");
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", this.name.textContent);
    this.state = document.createElement("span");
    this.state.className = "small muted";
    this.row.append(this.name, this.bar, this.state);
    this.onGone = onGone;
    queue.append(this.row);
    this.say(words().waiting);
  }

  Item.prototype.say = function (sentence) { this.state.textContent = sentence || ""; };

  Item.prototype.run = async function (address, token) {
    const told = words();
    this.say(told.shrinking);
    if (!this.blob) this.blob = await shrink(this.file);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      try {
        const answer = await send(address, { csrf_token: token, key: this.key }, this.blob, this.name.textContent, (share) => {
          this.bar.value = share;
          this.say((told.sending || "%s").replace("%s", share));
        });
        this.bar.value = 100;
        this.say(told.done);
        this.row.remove();
        return answer || "{}";
      } catch (problem) {
        if (!problem.again) return this.refuse(problem.said || told.failed, null);
        this.say(told.offline);
        if (attempt < TRIES) await untilOnline(Math.min(1000 * Math.pow(2, attempt - 1), 30000));
      }
    }
    return this.refuse(told.failed, () => this.onGone(this));
  };

  /* What cannot be sent stays in sight with the reason; the same photo may be sent again under the same name. */
  Item.prototype.refuse = function (sentence, again) {
    this.bar.remove();
    this.say(sentence);
    this.row.classList.add("sending__item--bad");
    if (again && !this.row.querySelector("button")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-second btn-sm";
      button.textContent = words().again;
      button.addEventListener("click", () => {
        button.remove();
        this.row.classList.remove("sending__item--bad");
        this.row.insertBefore(this.bar, this.state);
        again();
      });
      this.row.append(button);
    }
    return false;
  };

  /* The browser's own chooser speaks the phone's language and shows a name that goes at once: its label is the button. */
  function dress(form, input) {
    const label = form.querySelector('label[for="' + input.id + '"]');
    if (!label) return;
    label.className = "btn filebutton " + form.dataset.photosButton;
    input.classList.add("visually-hidden");
  }

  /* --- one manager on a page --------------------------------------------------------------------------------------- */
  function Manager(place) {
    this.place = place;
    this.form = place.querySelector("[data-photos-form]");
    this.input = this.form.querySelector("input[type=file]");
    this.queue = this.form.querySelector("[data-photos-queue]");
    this.list = place.querySelector("[data-photos-place]");
    this.waiting = [];
    this.busy = false;
    this.polls = 0;
    this.form.querySelector("[data-photos-submit]").hidden = true;
    dress(this.form, this.input);
    this.input.addEventListener("change", () => this.take());
    this.prepare();
    window.addEventListener("beforeunload", (event) => { if (this.busy) event.preventDefault(); });
    this.poll();
  }

  Manager.prototype.take = function () {
    for (const file of Array.from(this.input.files)) {
      this.waiting.push(new Item(file, this.queue, (item) => { this.waiting.push(item); this.work(); }));
    }
    this.input.value = "";
    this.work();
  };

  Manager.prototype.work = async function () {
    if (this.busy) return;
    this.busy = true;
    const token = this.form.querySelector("[name=csrf_token]").value;
    while (this.waiting.length) {
      const sent = await this.waiting.shift().run(this.place.dataset.photos, token);
      if (sent) await this.refresh();
    }
    this.busy = false;
    this.polls = 0;
    this.poll();
  };

  Manager.prototype.refresh = async function () {
    try {
      const answer = await fetch(this.place.dataset.photosList, { headers: { "HX-Request": "true" } });
      const text = await answer.text();
      if (!answer.ok || this.dragged) return;
      this.list.innerHTML = text;
      this.prepare();
    } catch (error) {
      return; /* the next one asks again */
    }
  };

  /* While the worker makes a photo, ask now and then whether it is there. */
  Manager.prototype.poll = async function () {
    if (this.polling) return;
    this.polling = true;
    while (this.list.querySelector("[data-photos-working]") && this.polls < POLLS && !this.busy) {
      this.polls += 1;
      await pause(POLL_MS);
      if (!this.busy && !this.dragged && !this.list.querySelector("details[open]")) await this.refresh();
    }
    this.polling = false;
  };

  /* --- dragging, by finger and by mouse -------------------------------------------------------------------------------- */
  Manager.prototype.prepare = function () {
    for (const grip of this.list.querySelectorAll("[data-photo-grip]")) {
      grip.hidden = false;
      grip.addEventListener("pointerdown", (event) => this.lift(event, grip));
    }
  };

  /* The document listens: a photo that changes its place in the page loses what it held. */
  Manager.prototype.lift = function (event, grip) {
    const item = grip.closest("[data-photo]");
    const row = item.parentElement;
    const before = this.order();
    event.preventDefault();
    item.classList.add("is-lifted");
    this.dragged = item;
    const move = (moved) => {
      const below = document.elementFromPoint(moved.clientX, moved.clientY);
      const target = below && below.closest("[data-photo]");
      if (!target || target === item || target.parentElement !== row) return;
      const items = Array.from(row.children);
      row.insertBefore(item, items.indexOf(target) > items.indexOf(item) ? target.nextSibling : target);
    };
    const drop = () => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", drop);
      document.removeEventListener("pointercancel", drop);
      item.classList.remove("is-lifted");
      this.dragged = null;
      if (this.order() !== before) this.keepOrder();
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", drop);
    document.addEventListener("pointercancel", drop);
  };

  Manager.prototype.order = function () {
    const items = this.list.querySelectorAll("[data-photos-row] > [data-photo]");
    return Array.from(items, function (item) { return item.dataset.photo; }).join(",");
  };

  Manager.prototype.keepOrder = async function () {
    const body = new URLSearchParams({
      csrf_token: this.form.querySelector("[name=csrf_token]").value, order: this.order(),
    });
    try {
      await fetch(this.place.dataset.photosOrder, { method: "POST", body: body, headers: { Accept: "application/json" } });
    } finally {
      await this.refresh();
    }
  };

  /* A new product: the first photo makes the draft, the others follow it, then the page goes on to its form. Sent
     again under the same name, the first photo finds the draft that it made. */
  function startForm(form) {
    const input = form.querySelector("input[type=file]");
    const queue = form.querySelector("[data-photos-queue]");
    const token = form.querySelector("[name=csrf_token]").value;
    let waiting = [];
    let draft = null;
    let busy = false;
    async function work() {
      if (busy) return;
      busy = true;
      while (waiting.length) {
        const item = waiting.shift();
        const answer = await item.run(draft ? draft.upload : form.action, token);
        if (answer && !draft) draft = JSON.parse(answer);
      }
      /* Without a connection the form could not be shown: wait on this page, which says so. */
      while (draft && !navigator.onLine) {
        form.querySelector("[data-photos-submit]").textContent = words().unreached;
        await untilOnline(30000);
      }
      busy = false;
      if (waiting.length) return work();
      if (draft && !queue.children.length) location.assign(draft.edit);
      else if (draft) form.querySelector("[data-photos-submit]").replaceChildren(onwards(draft.edit));
    }
    function onwards(address) {
      const link = document.createElement("a");
      link.className = "btn btn-primary";
      link.href = address;
      link.textContent = words().onwards;
      return link;
    }
    form.querySelector("[data-photos-submit]").hidden = true;
    dress(form, input);
    input.addEventListener("change", function () {
      form.querySelector("[data-photos-submit]").hidden = false;
      form.querySelector("[data-photos-submit]").replaceChildren();
      for (const file of Array.from(input.files)) {
        waiting.push(new Item(file, queue, function (item) { waiting.push(item); work(); }));
      }
      input.value = "";
      work();
    });
  }

  for (const place of document.querySelectorAll("[data-photos]")) new Manager(place);
  for (const form of document.querySelectorAll("[data-photos-form]")) {
    if (!form.closest("[data-photos]")) startForm(form);
  }
})();
