"use strict";
addEventListener("DOMContentLoaded", () => {
  const $ = (id) => document.getElementById(id);
  const MOST = 16, TRIES = 5;
  let models = [], model = null, token = "", stream = null, queue = Promise.resolve();

  const make = (name, words, css) => {
    const e = document.createElement(name);
    if (words !== undefined) e.textContent = words;
    if (css) e.className = css;
    return e;
  };
  const percent = (p) => (p >= 0.9995 && p < 1 ? "> 99.9 %" : (100 * p).toFixed(1) + " %");
  const short = (x) => String(Number(x.toPrecision(4)));
  const problem = (words) => { $("problem").textContent = words; $("problem").hidden = !words; };
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  async function ask(path, options = {}) {
    const headers = { ...(options.headers || {}) };
    if (token) headers.Authorization = "Bearer " + token;
    for (let n = 1; ; n++) {
      let reply;
      try { reply = await fetch(path, { ...options, headers }); }
      catch (_) { throw new Error("The server can't be reached."); }
      if (reply.status === 503 && n < TRIES) {
        await pause(1000 * Number(reply.headers.get("Retry-After") || 1));
        continue;
      }
      const found = await reply.json();
      if (reply.ok) return found;
      const error = new Error(found.error.message + " " + found.error.remedy);
      error.status = reply.status;
      throw error;
    }
  }

  async function start() {
    try {
      models = (await ask("/v1/models")).models;
    } catch (error) {
      if (error.status !== 401) { $("main").hidden = false; problem(error.message); return; }
      $("login").hidden = false;
      $("token").setAttribute("aria-invalid", String(!!token));
      $("token").focus();
      return;
    }
    $("login").hidden = true;
    $("main").hidden = false;
    problem("");
    if (!models.length) { problem("The models are being loaded. Open the page again in a moment."); return; }
    $("models").replaceChildren(...models.map((m) => make("option", m.name)));
    $("choice").hidden = models.length < 2;
    choose(0);
  }

  function choose(n) {
    model = models[n];
    const inline = model.inline;
    $("title").textContent = model.name;
    document.title = model.name + " · topwork";
    $("images").hidden = inline;
    $("texts").hidden = !inline;
    const classes = model.labels.length ? model.labels.length + " " + (model.task === "clusters" ? "clusters" : "classes") + ". " : "";
    $("about").textContent = classes + (model.worth || "It was saved without a score.")
      + (model.task === "classes" && !model.unknown_on ? " It calls nothing unknown." : "");
    $("results").replaceChildren();
    closeCamera();
    if (inline) $("text").focus();
  }

  // what is said of one item, by task
  function bars(rows, credible = []) {
    const list = make("ul", undefined, "bars");
    for (const [label, p] of rows) {
      const row = make("li", undefined, credible.includes(label) ? "credible" : "");
      const bar = make("i");
      bar.style.width = 100 * Math.max(0, Math.min(1, p)) + "%";
      row.append(bar, make("span", label), make("span", percent(p)));
      list.append(row);
    }
    return list;
  }
  const credible = (set) =>
    set.length > 1 ? [make("p", "Credible: " + set.join(", ") + ".")]
      : set.length ? [] : [make("p", "No class is credible.")];
  const head = (words, css) => make("h2", words, css);
  const SAID = {
    classes: (one) => [
      one.unknown ? head("Unknown", "unknown") : head(one.label),
      ...(one.unknown ? [make("p", "It looks like none of the classes; the closest is " + one.label + ".")] : []),
      bars(one.top.map((t) => [t.label, t.probability]), one.set),
      ...credible(one.set),
    ],
    labels: (one) => [
      head(one.labels.length ? one.labels.map((l) => l.label).join(", ") : "No label"),
      one.labels.length ? bars(one.labels.map((l) => [l.label, l.probability])) : make("p", "No label is probable enough."),
    ],
    ordinal: (one, all) => [
      head(one.label), bars(all.labels.map((l, i) => [l, one.probabilities[i]]), one.set), ...credible(one.set),
    ],
    number: (one, all) => [
      head(short(one.value), "number"),
      make("p", one.low === null ? "No interval can be promised." :
        short(one.low) + " to " + short(one.high) + ", which holds " + percent(1 - all.error_rate) + " of true numbers."),
    ],
    "one-class": (one, all) => [
      head(one.anomalous ? "Anomalous" : "Good", one.anomalous ? "odd" : ""),
      make("p", "Score " + short(one.score) + ", threshold " + short(all.threshold) + ". "
        + percent(one.p) + " of good parts are at least as odd."),
    ],
    clusters: (one) => [
      head(one.name), make("p", "Cosine with the centre " + short(one.nearness) + "."),
      ...(one.outlier ? [make("p", "It is far from every cluster.", "odd")] : []),
    ],
    boxes: (one) => [
      head(one.boxes.length === 1 ? "1 object" : one.boxes.length + " objects"),
      bars(one.boxes.map((b) => [b.label, b.probability])),
    ],
  };

  function drawBoxes(place, one, list) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${one.width} ${one.height}`);
    svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
    one.boxes.forEach((b, n) => {
      const rect = document.createElementNS(svg.namespaceURI, "rect");
      for (const [k, v] of [["x", b.x1], ["y", b.y1], ["width", b.x2 - b.x1], ["height", b.y2 - b.y1]]) rect.setAttribute(k, v);
      const row = list.children[n];
      row.onpointerenter = () => rect.classList.add("on");
      row.onpointerleave = () => rect.classList.remove("on");
      svg.append(rect);
    });
    place.append(svg);
  }

  // where the answer comes from, drawn over the image
  function drawHeat(place, image, heat) {
    const [left, top, right, bottom] = heat.area, down = heat.values.length, across = heat.values[0].length;
    const small = make("canvas"), canvas = make("canvas", undefined, "heat");
    [small.width, small.height] = [across, down];
    const pixels = small.getContext("2d"), dots = pixels.createImageData(across, down);
    heat.values.flat().forEach((v, n) => {
      const x = Math.max(0, Math.min(1, v / heat.full));
      dots.data.set([255, Math.round(210 * (1 - x)), 0, Math.round(190 * x)], 4 * n);
    });
    pixels.putImageData(dots, 0, 0);
    const scale = Math.min(1, 640 / Math.max(image.naturalWidth, image.naturalHeight));
    const w = canvas.width = Math.max(1, Math.round(scale * image.naturalWidth));
    const h = canvas.height = Math.max(1, Math.round(scale * image.naturalHeight));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(small, left * w, top * h, (right - left) * w, (bottom - top) * h);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Heat map");
    place.append(canvas);
  }
  function heatButton(asked, body, place, image) {
    const button = make("button", "Heat map"), told = make("p", undefined, "told");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    button.onclick = async () => {
      const drawn = place.querySelector(".heat");
      if (drawn) {
        drawn.hidden = !drawn.hidden;
      } else {
        button.disabled = true;
        try {
          const heat = await ask("/v1/models/" + encodeURIComponent(asked.name) + "/heat", { method: "POST", body });
          drawHeat(place, image, heat);
          told.textContent = heat.label === null ? "Red: twice as odd as is allowed."
            : "Red: without this place, " + heat.label + " would be less probable.";
        } catch (error) { problem(error.message); }
        button.disabled = false;
      }
      const shown = place.querySelector(".heat");
      const on = !!shown && !shown.hidden;
      button.setAttribute("aria-pressed", String(on));
      told.hidden = !on;
    };
    told.hidden = true;
    return [button, told];
  }

  async function predict(body, shown) {
    const asked = model, begun = performance.now();
    const found = await ask("/v1/models/" + encodeURIComponent(asked.name) + "/predict", { method: "POST", body });
    const took = performance.now() - begun;
    if (asked !== model) return;
    const card = make("article", undefined, "result " + (found.task === "boxes" ? "boxes" : shown.tagName === "BLOCKQUOTE" ? "plain" : ""));
    const place = make("div", undefined, "shown"), said = make("div", undefined, "said");
    place.append(shown);
    card.append(place, said);
    const one = found.predictions[0];
    said.append(...SAID[found.task](one, found));
    for (const words of [...found.remarks.map((r) => r.sentence), ...found.notes]) said.append(make("p", words));
    if (found.cut_short) said.append(make("p", "The text is longer than the model reads; its end was left out."));
    said.append(make("p", Math.round(took) + " ms"));
    if (asked.heat) said.append(...heatButton(asked, body, place, shown));
    if (found.task === "boxes") drawBoxes(place, one, said.querySelector(".bars"));
    $("results").prepend(card);
    while ($("results").children.length > MOST) $("results").lastElementChild.remove();
    problem("");
    document.documentElement.dataset.shown = String(1 + Number(document.documentElement.dataset.shown || 0));
  }

  function later(work) {
    queue = queue.then(work).catch((error) => problem(error.message));
    return queue;
  }
  function predictImages(files) {
    const images = [...files].filter((f) => f.type.startsWith("image/"));
    if (files.length && !images.length) problem("That is no image.");
    for (const file of images.slice(0, MOST)) {
      later(async () => {
        const image = make("img");
        image.alt = file.name || "the image";
        image.src = URL.createObjectURL(file);
        image.onload = () => URL.revokeObjectURL(image.src);
        await predict(file, image);
      });
    }
  }
  function predictText() {
    const text = $("text").value.trim();
    if (text) later(() => predict(text, make("blockquote", text)));
  }

  async function openCamera() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (_) { problem("There is no camera, or it may not be used."); return; }
    $("video").srcObject = stream;
    $("live").hidden = false;
    await $("video").play();
    $("take").focus();
  }
  function closeCamera() {
    if (stream) stream.getTracks().forEach((t) => t.stop());
    stream = null;
    $("live").hidden = true;
  }
  function takePhoto() {
    const canvas = make("canvas"), video = $("video");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => predictImages([new File([blob], "photo.jpg", { type: "image/jpeg" })]), "image/jpeg", 0.95);
  }

  $("login").onsubmit = (e) => { e.preventDefault(); token = $("token").value.trim(); $("token").value = ""; start(); };
  $("models").onchange = () => choose($("models").selectedIndex);
  $("open").onclick = () => $("file").click();
  $("file").onchange = () => { predictImages($("file").files); $("file").value = ""; };
  $("camera").onclick = openCamera;
  $("take").onclick = takePhoto;
  $("stop").onclick = closeCamera;
  $("send").onclick = predictText;
  addEventListener("dragover", (e) => { e.preventDefault(); $("images").classList.add("over"); });
  addEventListener("dragleave", () => $("images").classList.remove("over"));
  addEventListener("drop", (e) => {
    e.preventDefault();
    $("images").classList.remove("over");
    if (model && !model.inline) predictImages(e.dataTransfer.files);
  });
  addEventListener("paste", (e) => {
    if (model && !model.inline && e.clipboardData.files.length) predictImages(e.clipboardData.files);
  });
  addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target === $("text")) { predictText(); return; }
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (!model || model.inline) return;
    if (e.key === "Escape") closeCamera();
    else if (e.key === " " && stream && e.target.tagName !== "BUTTON") { e.preventDefault(); takePhoto(); }
    else if (e.key === "o" || e.key === "O") $("open").click();
    else if (e.key === "c" || e.key === "C") openCamera();
  });
  start();
});
