"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const config = JSON.parse($("config").textContent);
  const token = new URLSearchParams(location.search).get("token") || "";
  const texts = config.texts;
  const several = config.form === "labels";
  const boxed = config.form === "boxes";
  const paired = config.form === "pairs";
  const images = new Map();
  let state = null, queue = [], current = null, since = 0;
  let chosen = new Set();
  let inGrid = false, gridName = "", gridItems = [], wrong = new Set();
  let ended = false, busy = false;
  const waiting = [];

  /* ---- the server ---- */
  async function call(path, body) {
    const headers = { "X-Topwork-Token": token };
    const options = { headers };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      Object.assign(options, { method: "POST", body: JSON.stringify(body) });
    }
    let answer;
    try {
      answer = await fetch(path, options);
    } catch (error) {
      throw new Error(`The server has ended. What you answered is in ${config.out}; start topwork label again to go on.`);
    }
    const found = await answer.json();
    if (!answer.ok) throw new Error(`${found.error.message} ${found.error.remedy || ""}`.trim());
    return found;
  }

  let lasting = false;
  function complain(error, until = false) {
    lasting = Boolean(error) && until;
    $("problem").textContent = error ? error.message : "";
    $("problem").hidden = !error;
  }

  /* One action at a time: what is pressed meanwhile waits, so that a crash costs one answer. */
  function later(action) {
    waiting.push(action);
    if (!busy) drain();
  }
  async function drain() {
    busy = true;
    while (waiting.length) {
      try {
        await waiting.shift()();
        complain(null);
      } catch (error) {
        waiting.length = 0;
        complain(error);
      }
    }
    busy = false;
  }

  /* ---- one item ---- */
  const source = (id, size, part) => `/item?id=${id}&size=${size}&part=${part || 0}&token=${encodeURIComponent(token)}`;
  function image(item) {
    if (!images.has(item.id)) {
      images.set(item.id, item.texts.map((text, part) => {
        const found = new Image();
        found.decoding = "sync";
        found.alt = text;
        found.src = source(item.id, boxed ? 0 : 1024, part);
        return found;
      }));
      if (images.size > 60) images.delete(images.keys().next().value);
    }
    return images.get(item.id);
  }

  const fresh = (found, item) => found.next.find((one) => one.id === item.id) || (found.shown && found.shown.id === item.id ? found.shown : null);
  function take(found, keep) {
    state = found;
    const rest = found.next.filter((item) => !keep || item.id !== keep.id);
    const same = keep && fresh(found, keep);
    queue = keep ? [same || keep, ...rest] : rest;
    if (!texts) queue.slice(0, 8).forEach(image);
    if (!current || !queue.length || queue[0].id !== current.id) show();
    else { current = queue[0]; drawAnswers(); }
    drawState();
  }

  function show() {
    current = queue[0] || null;
    since = performance.now();
    chosen = new Set();
    boxes.reset();
    $("stage").classList.remove("tall");
    $("zoom").setAttribute("aria-pressed", "false");
    if (current) {
      if (texts) $("text").replaceChildren(...current.texts.map((text) => {
        const found = document.createElement("span");
        found.textContent = text;
        return found;
      }));
      else $("picture").replaceChildren(...image(current));
      document.documentElement.dataset.shown = current.id;
    } else {
      $("picture").replaceChildren();
      $("text").textContent = "";
      delete document.documentElement.dataset.shown;
    }
    drawAnswers();
  }

  async function give(value) {
    if (!current) return;
    const given = { id: current.id, value, suggested: current.suggested, seconds: (performance.now() - since) / 1000 };
    const before = queue;
    queue = queue.slice(1);
    show();
    try {
      take(await call("/answer", { answers: [given] }), current);
      say(value === null ? "Skipped" : Array.isArray(value) ? `${value.length} given` : value);
    } catch (error) {
      queue = before;
      show();
      throw error;
    }
  }
  const answer = (value) => later(() => give(value));

  const undo = () => later(async () => {
    const found = await call("/undo", {});
    inGrid = false;
    current = null;
    take(found, null);
    draw();
    say("Taken back");
  });

  const addClass = (name) => later(async () => {
    take(await call("/class", { name }), current);
    say(`${name} added`);
  });

  function pick(name) {
    later(async () => {
      if (!current) return;
      if (boxed) boxes.name(name);
      else if (several) {
        if (!chosen.delete(name)) chosen.add(name);
        drawAnswers();
      } else await give(name);
    });
  }

  function confirm() {
    later(async () => {
      if (boxed) await give(boxes.values());
      else if (several) await give([...chosen]);
    });
  }

  function takeSuggestion() {
    later(async () => {
      if (!current || current.suggested === null || current.suggested === undefined) return;
      if (boxed) boxes.set(current.suggested);
      else if (several) { chosen = new Set(current.suggested); drawAnswers(); }
      else await give(current.suggested);
    });
  }

  /* ---- boxes ---- */
  const boxes = (() => {
    const canvas = $("boxes");
    const COLOURS = ["#e6550d", "#3182bd", "#31a354", "#756bb1", "#d6a616", "#17becf", "#e377c2", "#8c6d31"];
    let list = [], at = -1, drag = null, label = null;
    const shown = () => $("picture").firstElementChild;
    function frame() {
      const img = shown();
      if (!img || !img.naturalWidth) return null;
      const area = canvas.getBoundingClientRect(), own = img.getBoundingClientRect();
      const scale = Math.min(own.width / img.naturalWidth, own.height / img.naturalHeight);
      const w = img.naturalWidth * scale, h = img.naturalHeight * scale;
      return { x: own.x - area.x + (own.width - w) / 2, y: own.y - area.y + (own.height - h) / 2, scale, w: img.naturalWidth, h: img.naturalHeight };
    }
    const name = () => label || (state && state.classes[0]) || null;
    function draw() {
      if (!boxed) return;
      const ratio = window.devicePixelRatio || 1, area = canvas.getBoundingClientRect();
      canvas.width = area.width * ratio;
      canvas.height = area.height * ratio;
      const c = canvas.getContext("2d"), f = frame();
      if (!f) return;
      c.scale(ratio, ratio);
      c.font = "13px system-ui, sans-serif";
      list.forEach((box, i) => {
        const [what, x0, y0, x1, y1] = box;
        const colour = COLOURS[Math.max(0, state.classes.indexOf(what)) % COLOURS.length];
        const x = f.x + x0 * f.scale, y = f.y + y0 * f.scale, w = (x1 - x0) * f.scale, h = (y1 - y0) * f.scale;
        c.lineWidth = i === at ? 4 : 2;
        c.strokeStyle = c.fillStyle = colour;
        c.strokeRect(x, y, w, h);
        const wide = c.measureText(what).width + 10;
        c.fillRect(x, Math.max(0, y - 18), wide, 18);
        c.fillStyle = "#fff";
        c.fillText(what, x + 5, Math.max(0, y - 18) + 13);
        if (i === at) for (const [u, v] of [[x, y], [x + w, y], [x, y + h], [x + w, y + h]]) {
          c.fillStyle = "#fff";
          c.fillRect(u - 5, v - 5, 10, 10);
          c.strokeRect(u - 5, v - 5, 10, 10);
        }
      });
      $("confirm").textContent = list.length ? `Confirm ${list.length} ` : "Nothing here ";
      const key = document.createElement("kbd");
      key.textContent = "Enter";
      $("confirm").append(key);
      canvas.setAttribute("aria-label", list.length ? `${list.length} boxes${at >= 0 ? `, ${list[at][0]} selected` : ""}` : "No box yet");
      document.documentElement.dataset.boxes = JSON.stringify(list);
    }
    function place(event) {
      const f = frame(), area = canvas.getBoundingClientRect();
      if (!f) return null;
      const clip = (v, most) => Math.round(10 * Math.min(Math.max(v, 0), most)) / 10;
      return [clip((event.clientX - area.x - f.x) / f.scale, f.w), clip((event.clientY - area.y - f.y) / f.scale, f.h), f];
    }
    function tidy(box) {
      return [box[0], Math.min(box[1], box[3]), Math.min(box[2], box[4]), Math.max(box[1], box[3]), Math.max(box[2], box[4])];
    }
    canvas.addEventListener("pointerdown", (event) => {
      const p = place(event);
      if (!p || !current) return;
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      const [x, y, f] = p, near = (event.pointerType === "touch" ? 22 : 9) / f.scale;
      if (at >= 0) {
        const b = list[at];
        for (const [i, j] of [[1, 2], [3, 2], [1, 4], [3, 4]]) {
          if (Math.abs(b[i] - x) < near && Math.abs(b[j] - y) < near) { drag = { kind: "corner", i, j }; return; }
        }
      }
      const inside = list.map((b, i) => [i, (b[3] - b[1]) * (b[4] - b[2])]).filter(([i]) => x >= list[i][1] && x <= list[i][3] && y >= list[i][2] && y <= list[i][4]);
      const hit = inside.sort((a, b) => a[1] - b[1])[0];
      if (hit && (hit[0] === at || event.shiftKey === false && inside.length && !event.altKey)) {
        at = hit[0];
        drag = { kind: "move", x, y, from: [...list[at]] };
      } else if (name()) {
        list.push([name(), x, y, x, y]);
        at = list.length - 1;
        drag = { kind: "corner", i: 3, j: 4 };
      } else {
        complain(new Error("Add a class first: press / and type its name."));
      }
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      const p = drag && place(event);
      if (!p) return;
      const [x, y, f] = p, b = list[at];
      if (drag.kind === "corner") { b[drag.i] = x; b[drag.j] = y; }
      else {
        const [, x0, y0, x1, y1] = drag.from;
        const dx = Math.min(Math.max(x - drag.x, -x0), f.w - x1), dy = Math.min(Math.max(y - drag.y, -y0), f.h - y1);
        b.splice(1, 4, x0 + dx, y0 + dy, x1 + dx, y1 + dy);
      }
      draw();
    });
    const drop = () => {
      if (!drag) return;
      drag = null;
      list[at] = tidy(list[at]);
      const f = frame(), b = list[at];
      if (f && ((b[3] - b[1]) * f.scale < 4 || (b[4] - b[2]) * f.scale < 4)) { list.splice(at, 1); at = -1; }
      draw();
    };
    canvas.addEventListener("pointerup", drop);
    canvas.addEventListener("pointercancel", drop);
    function shift(dx, dy, grow) {
      const f = frame(), b = list[at];
      if (!f || !b) return;
      if (grow) {
        b[3] = Math.min(Math.max(b[3] + dx, b[1] + 1), f.w);
        b[4] = Math.min(Math.max(b[4] + dy, b[2] + 1), f.h);
      } else {
        const x = Math.min(Math.max(dx, -b[1]), f.w - b[3]), y = Math.min(Math.max(dy, -b[2]), f.h - b[4]);
        b.splice(1, 4, b[1] + x, b[2] + y, b[3] + x, b[4] + y);
      }
      draw();
    }
    function fresh() {
      const f = frame();
      if (!f) return;
      if (!name()) throw new Error("Add a class first: press / and type its name.");
      list.push([name(), Math.round(f.w / 4), Math.round(f.h / 4), Math.round(3 * f.w / 4), Math.round(3 * f.h / 4)]);
      at = list.length - 1;
      draw();
    }
    function key(event) {
      const step = event.ctrlKey ? 10 : 1;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (at >= 0 && moves[event.key]) shift(...moves[event.key], event.shiftKey);
      else if (at >= 0 && event.key === "Delete") { list.splice(at, 1); at = -1; draw(); }
      else if (event.key === "b" || event.key === "B") { try { fresh(); } catch (error) { complain(error); } }
      else if (event.key === "n" || event.key === "N") { at = list.length ? (at + 1) % list.length : -1; draw(); }
      else if (event.key === "Escape") { at = -1; draw(); }
      else return false;
      return true;
    }
    window.addEventListener("resize", draw);
    return {
      draw, key,
      reset() {
        list = []; at = -1; drag = null;
        if (!boxed) return;
        const img = shown() || (current && image(current)[0]);
        requestAnimationFrame(draw);
        if (img && !img.complete) img.addEventListener("load", draw, { once: true });
      },
      set(found) { list = found.map((box) => [...box]); at = -1; draw(); },
      values: () => list.map((box) => [...box]),
      name(what) { label = what; if (at >= 0) list[at][0] = what; draw(); drawAnswers(); },
      get label() { return name(); },
    };
  })();

  /* ---- many at once ---- */
  async function openGrid(name) {
    const found = await call(`/grid?name=${encodeURIComponent(name)}`);
    gridName = name;
    gridItems = found.items;
    wrong = new Set();
  }
  function busiest() {
    const names = queue.map((item) => item.suggested).filter((name) => typeof name === "string");
    return names[0] || state.classes[0] || "";
  }
  const toggleGrid = () => later(async () => {
    if (!inGrid) {
      if (several || boxed || paired) throw new Error("The grid is for one class per item.");
      const first = busiest();
      const order = [first, ...state.classes.filter((name) => name !== first)];
      for (const name of order) {
        if (!name) continue;
        await openGrid(name);
        if (gridItems.length) break;
      }
      if (!gridItems.length) throw new Error("Nothing is proposed yet: that comes after ten answers with two classes among them, those drawn at random left out; or from the names of the classes, where they are words and the network takes texts.");
    }
    inGrid = !inGrid;
    since = performance.now();
    draw();
  });
  const anotherClass = () => later(async () => {
    const names = state.classes, start = names.indexOf(gridName);
    for (let i = 1; i <= names.length; i += 1) {
      await openGrid(names[(start + i) % names.length]);
      if (gridItems.length) break;
    }
    if (!gridItems.length) inGrid = false;
    draw();
  });
  const gridOf = (name) => later(async () => { await openGrid(name); draw(); });
  const confirmGrid = () => later(async () => {
    const seconds = (performance.now() - since) / 1000 / Math.max(1, gridItems.length);
    const answers = gridItems.filter((item) => !wrong.has(item.id)).map((item) => ({ id: item.id, value: gridName, suggested: gridName, seconds }));
    current = null;
    take(answers.length ? await call("/answer", { answers, grid: true }) : await call("/state"), null);
    say(`${answers.length} as ${gridName}`);
    const seen = new Set(wrong);
    await openGrid(gridName);
    gridItems = gridItems.filter((item) => !seen.has(item.id));
    if (!gridItems.length) inGrid = false;
    since = performance.now();
    draw();
  });
  function mark(id) {
    if (!wrong.delete(id)) wrong.add(id);
    for (const button of $("thumbs").children) button.setAttribute("aria-pressed", String(wrong.has(Number(button.dataset.id))));
  }

  /* ---- drawing ---- */
  const say = (what) => { $("said").textContent = `${what}. ${state.n_labelled} labelled.`; };

  function drawState() {
    const left = state.n_items - state.n_labelled;
    if (!state.ready) $("progress").textContent = state.told;
    else {
      const audit = state.n_audit_left ? ` · ${state.n_audit_left} drawn at random are left` : "";
      const told = state.told ? ` · ${state.told}` : "";
      $("progress").textContent = `${state.n_labelled.toLocaleString("en")} of ${state.n_items.toLocaleString("en")} labelled${audit}${told}`;
    }
    $("undo").disabled = !state.can_undo;
    list("sentences", state.sentences);
    $("worth").hidden = !state.sentences.length;
    list("notes", state.notes);
    $("end").hidden = !(state.ready && !queue.length && left >= 0);
    if (!ended) $("ended").textContent = `Nothing is left to ask. The labels are in ${config.out}: topwork fit ${config.out}`;
  }
  function list(id, lines) {
    $(id).replaceChildren(...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }));
  }
  function keyed(text, key) {
    const found = [document.createTextNode(text)];
    if (key) {
      const kbd = document.createElement("kbd");
      kbd.textContent = key;
      found.push(kbd);
    }
    return found;
  }
  function matching() {
    const wanted = $("find").value.trim().toLowerCase();
    return state.classes.filter((name) => name.toLowerCase().includes(wanted));
  }
  function drawHint(names) {
    const typed = $("find").value.trim();
    const exact = state.classes.some((name) => name.toLowerCase() === typed.toLowerCase());
    if (!typed) $("hint").textContent = "Find or add a class";
    else if (exact || !names.length) $("hint").textContent = `Enter: ${exact ? "" : "add "}${typed}`;
    else $("hint").textContent = `Enter: ${names[0]} · Shift+Enter: add ${typed}`;
  }
  const BY = {
    names: "Proposed from the names of the classes alone: nothing is learnt from answers yet.",
    "names and answers": "Proposed from the names of the classes and the answers so far.",
  };
  function drawAnswers() {
    if (!state) return;
    const proposed = current && typeof current.suggested === "string" ? current.suggested : null;
    const hasOne = Boolean(current) && current.suggested !== null && current.suggested !== undefined;
    $("take").hidden = !hasOne;
    if (hasOne) {
      const what = proposed !== null ? `Take ${proposed} (${current.probability.toFixed(2)}) ` : `Take ${current.suggested.length} proposed `;
      $("take").replaceChildren(...keyed(what, "Space"));
    }
    $("confirm").hidden = !(several || boxed);
    if (several) $("confirm").replaceChildren(...keyed(chosen.size ? `Confirm ${chosen.size} ` : "None of them ", "Enter"));
    const names = matching();
    drawHint(names);
    $("classes").replaceChildren(...names.map((name, i) => {
      const button = document.createElement("button"), count = document.createElement("small");
      button.type = "button";
      button.dataset.name = name;
      count.textContent = state.counts[name] || "";
      button.append(...keyed(`${name} `, i < 9 ? String(i + 1) : ""), count);
      if (several) button.setAttribute("aria-pressed", String(chosen.has(name)));
      if (boxed) button.setAttribute("aria-pressed", String(boxes.label === name));
      if (name === proposed) button.classList.add("proposed");
      button.disabled = !current;
      button.addEventListener("click", () => pick(name));
      return button;
    }));
    const why = !current ? "" : current.audit ? "Drawn at random: measures what the labels are worth, so nothing is proposed for it." : hasOne ? BY[current.source] || "" : "";
    const files = current && !texts ? current.texts.map((path) => path.split(/[\\/]/).pop()) : [];
    $("why").textContent = [files.join("  |  "), why].filter(Boolean).join(" · ");
    $("why").title = files.length ? current.texts.join("\n") : "";
    $("skip").disabled = !current;
  }
  function drawGrid() {
    $("asked").textContent = `Which of these are not ${gridName}? Mark them; the others get that label.`;
    $("thumbs").replaceChildren(...gridItems.map((item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.id = item.id;
      button.setAttribute("aria-pressed", "false");
      if (texts) button.textContent = item.texts[0].slice(0, 200);
      else {
        const found = new Image();
        found.src = source(item.id, 224);
        found.alt = item.texts[0];
        button.append(found);
      }
      button.addEventListener("click", () => mark(item.id));
      return button;
    }));
    const first = $("thumbs").firstElementChild;
    if (first) first.focus();
  }
  const KEYS = {
    classes: "1 to 9 choose a class, Space takes what is proposed, / finds or adds a class, U or Backspace takes back, S skips, G shows many at once, Z enlarges.",
    labels: "1 to 9 mark labels, Enter confirms them, Space marks what is proposed, / finds or adds a label, U or Backspace takes back, S skips, Z enlarges.",
    boxes: "Drag to draw a box; 1 to 9 name it, B adds one, N steps through them, arrow keys move it, with Shift they resize it (with Ctrl by 10 pixels), Delete removes it, Enter confirms all, U takes back, S skips.",
  };
  KEYS.ordinal = KEYS.classes;
  KEYS.pairs = "Do the two belong together? 1 or Y for yes, 2 or N for no, U or Backspace takes back, S skips, Z enlarges.";
  function draw() {
    $("one").hidden = inGrid || ended;
    if (!inGrid && $("many").contains(document.activeElement)) document.activeElement.blur();
    $("many").hidden = !inGrid || ended;
    $("grid").setAttribute("aria-pressed", String(inGrid));
    $("keys").textContent = inGrid ? "Arrow keys move, X or Space marks, Enter confirms, 1 to 9 choose a class, N shows another class, G leaves." : texts ? KEYS[config.form].replace(", Z enlarges", "") : KEYS[config.form];
    if (inGrid) drawGrid();
  }

  /* ---- keys ---- */
  const cramped = () => document.activeElement === $("find");
  function fromField(event) {
    const typed = $("find").value.trim();
    if (event.key === "Escape") { $("find").value = ""; $("find").blur(); drawAnswers(); return; }
    if (event.key !== "Enter" || !typed) return;
    event.preventDefault();
    const names = matching(), exact = state.classes.find((name) => name.toLowerCase() === typed.toLowerCase());
    const name = exact || (!event.shiftKey && names[0]) || typed;
    $("find").value = "";
    $("find").blur();
    if (!state.classes.includes(name)) addClass(name);
    pick(name);
  }
  function gridKey(event) {
    const here = [...$("thumbs").children].indexOf(document.activeElement);
    const across = Math.max(1, Math.round($("thumbs").clientWidth / (($("thumbs").firstElementChild || {}).offsetWidth || 1)));
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
    if (moves[event.key]) {
      const next = $("thumbs").children[Math.min(Math.max(here + moves[event.key], 0), gridItems.length - 1)];
      if (next) next.focus();
    } else if (event.key === "Enter") confirmGrid();
    else if ((event.key === " " || event.key === "x" || event.key === "X") && here >= 0) mark(gridItems[here].id);
    else if (event.key === "n" || event.key === "N") anotherClass();
    else if (event.key === "g" || event.key === "G" || event.key === "Escape") toggleGrid();
    else if (/^[1-9]$/.test(event.key) && state.classes[event.key - 1]) gridOf(state.classes[event.key - 1]);
    else return;
    event.preventDefault();
  }
  document.addEventListener("keydown", (event) => {
    if (ended || !state) return;
    if (cramped()) { fromField(event); return; }
    const back = event.key === "u" || event.key === "U" || event.key === "Backspace";
    if (back || ((event.ctrlKey || event.metaKey) && event.key === "z")) { event.preventDefault(); undo(); return; }
    if (event.metaKey || event.altKey) return;
    if (inGrid) { gridKey(event); return; }
    if (boxed && boxes.key(event)) { event.preventDefault(); return; }
    if (event.ctrlKey) return;
    const onButton = document.activeElement && document.activeElement.tagName === "BUTTON";
    if (/^[1-9]$/.test(event.key)) { const name = matching()[event.key - 1]; if (name) pick(name); }
    else if (paired && /^[yn]$/i.test(event.key)) pick(/y/i.test(event.key) ? "yes" : "no");
    else if (event.key === " ") { if (onButton && document.activeElement.id !== "take") return; takeSuggestion(); }
    else if (event.key === "Enter") { if (onButton && document.activeElement.id !== "confirm") return; confirm(); }
    else if (event.key === "/" && !paired) { $("find").focus(); $("find").select(); }
    else if (event.key === "s" || event.key === "S") answer(null);
    else if (event.key === "g" || event.key === "G") toggleGrid();
    else if (event.key === "z" || event.key === "Z") zoom();
    else return;
    event.preventDefault();
  });
  function zoom() {
    const on = $("stage").classList.toggle("tall");
    $("zoom").setAttribute("aria-pressed", String(on));
  }
  $("find").addEventListener("input", drawAnswers);
  $("add").addEventListener("click", () => {
    const name = $("find").value.trim();
    $("find").value = "";
    if (name) addClass(name);
  });
  $("take").addEventListener("click", takeSuggestion);
  $("confirm").addEventListener("click", confirm);
  $("undo").addEventListener("click", undo);
  $("skip").addEventListener("click", () => answer(null));
  $("grid").addEventListener("click", toggleGrid);
  $("zoom").addEventListener("click", zoom);
  $("all").addEventListener("click", confirmGrid);
  $("other").addEventListener("click", anotherClass);
  $("done").addEventListener("click", () => later(async () => {
    state = await call("/done", {});
    ended = true;
    draw();
    $("end").hidden = false;
    $("ended").textContent = `${state.n_labelled} labels are in ${config.out}. Next: topwork fit ${config.out}`;
    document.querySelectorAll("header button").forEach((button) => { button.disabled = true; });
  }));

  /* ---- start ---- */
  $("text").hidden = !texts;
  $("picture").hidden = texts;
  $("zoom").hidden = texts || boxed;
  $("grid").hidden = several || boxed || paired;
  $("stage").classList.toggle("pair", paired);
  document.querySelector(".find").hidden = $("add").hidden = paired;
  $("boxes").hidden = !boxed;
  async function look() {
    if (ended || busy) return;
    try {
      const found = await call(current ? `/state?shown=${current.id}` : "/state");
      if (busy) return;
      const before = current;
      if (!state || !state.ready || !before) take(found, null);
      else if (fresh(found, before)) take(found, before);
      else { state = found; drawState(); }
      if (found.told.startsWith("Stopped")) complain(new Error(found.told), true);
      else if (lasting) complain(null);
      if (!state.classes.length && state.ready && !document.activeElement.matches("input")) $("find").focus();
    } catch (error) {
      complain(error, true);
    }
  }
  draw();
  look();
  (function again() {
    const wait = !state || !state.ready ? 300 : state.told || !current || (!current.audit && current.suggested === null) ? 1000 : 5000;
    setTimeout(async () => { await look(); if (!ended) again(); }, wait);
  })();
})();
