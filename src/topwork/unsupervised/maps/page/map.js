"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
const steps = new Uint16Array(bytes(data.xy));
const n = data.names.length;
const xs = new Float32Array(n), ys = new Float32Array(n);
let spanX = 1e-6, spanY = 1e-6;
for (let i = 0; i < n; i++) {
  xs[i] = steps[2 * i] / 65535; ys[i] = steps[2 * i + 1] / 65535;
  spanX = Math.max(spanX, xs[i]); spanY = Math.max(spanY, ys[i]);
}
const canvas = $("map"), context = canvas.getContext("2d", { alpha: false });
const selected = new Uint8Array(n);
const colours = new Uint32Array(n);      // of each point
const order = new Uint32Array(n);        // rare categories are drawn last
let view = { scale: 1, x: 0, y: 0 };     // pixels of the canvas per unit; where the origin is
let ratio = 1, frame = 0, buffer = null, pixels = null;
let lasso = null, lassoOn = false, current = -1, dimmed = null, colouring = null;

// ---- colours
const PALETTE = [[31, 119, 180], [230, 126, 34], [44, 150, 80], [205, 60, 60], [142, 98, 190],
  [140, 96, 80], [222, 110, 180], [120, 125, 120], [170, 165, 30], [20, 170, 190]];
const hue = (code) => {
  if (code < PALETTE.length) return PALETTE[code];
  const h = (code * 137.508) % 360, s = 0.55, l = code % 2 ? 0.45 : 0.6;
  const part = (k) => {
    const at = (k + h / 30) % 12;
    return Math.round(255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [part(0), part(8), part(4)];
};
const RAMP = [[49, 79, 160], [60, 150, 160], [150, 185, 90], [240, 190, 60], [200, 50, 40]];
const ramp = (t) => {
  const at = Math.max(0, Math.min(1, t)) * (RAMP.length - 1), low = Math.min(RAMP.length - 2, Math.floor(at));
  return RAMP[low].map((c, k) => Math.round(c + (RAMP[low + 1][k] - c) * (at - low)));
};
const packed = (c) => (255 << 24 | c[2] << 16 | c[1] << 8 | c[0]) >>> 0;
const css = (c) => `rgb(${c.join(" ")})`;
const property = (name) => {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim().slice(1);
  const six = text.length === 3 ? [...text].map((c) => c + c).join("") : text;
  return [0, 2, 4].map((k) => parseInt(six.slice(k, k + 2), 16));
};
let paper = 0, ink = 0, pale = 0;
function readTheme() {
  const back = property("--raised"), front = property("--ink");
  paper = packed(back); ink = packed(front);
  pale = packed(back.map((c, k) => Math.round(c + (front[k] - c) * 0.16)));
}

function colourBy(index) {
  const one = data.colourings[index];
  dimmed = null;
  const legend = $("legend");
  legend.replaceChildren();
  const every = new Uint32Array(n).map((_, i) => i);
  if (!one) { colouring = null; colours.fill(packed(PALETTE[0])); order.set(every); draw(); return; }
  if (one.codes) {
    const codes = new Uint16Array(bytes(one.codes)), counts = new Uint32Array(one.names.length);
    for (const code of codes) counts[code]++;
    colouring = { name: one.name, codes, names: one.names };
    order.set(every.sort((a, b) => counts[codes[b]] - counts[codes[a]] || a - b));
    one.names.slice(0, 200).forEach((name, code) => {
      const button = document.createElement("button"), dot = document.createElement("i");
      button.type = "button"; button.setAttribute("aria-pressed", "false");
      dot.style.background = css(hue(code));
      button.append(dot, `${name} (${counts[code].toLocaleString("en")})`);
      button.addEventListener("click", () => {
        dimmed = dimmed === code ? null : code;
        [...legend.children].forEach((b, k) => b.setAttribute("aria-pressed", String(k === dimmed)));
        paint();
      });
      legend.append(button);
    });
  } else {
    const values = new Float32Array(bytes(one.values));
    let low = Infinity, high = -Infinity;
    for (const v of values) { low = Math.min(low, v); high = Math.max(high, v); }
    colouring = { name: one.name, values, low, high };
    order.set(every.sort((a, b) => values[a] - values[b] || a - b));
    const scale = document.createElement("span"), bar = document.createElement("i");
    scale.className = "scale"; bar.className = "ramp";
    bar.style.background = `linear-gradient(to right, ${[0, 0.25, 0.5, 0.75, 1].map((t) => css(ramp(t))).join(", ")})`;
    scale.append(`${one.name} ${number(low)}`, bar, number(high));
    legend.append(scale);
  }
  paint();
}
function paint() {
  for (let i = 0; i < n; i++) {
    if (!colouring) colours[i] = packed(PALETTE[0]);
    else if (colouring.codes) {
      const code = colouring.codes[i];
      colours[i] = dimmed === null || code === dimmed ? packed(hue(code)) : pale;
    } else colours[i] = packed(ramp((colouring.values[i] - colouring.low) / (colouring.high - colouring.low || 1)));
  }
  draw();
}

// ---- drawing: discs of pixels, written into memory; 50,000 take a few milliseconds
const discs = new Map();
function disc(radius, width) {
  const key = `${radius},${width}`;
  if (!discs.has(key)) {
    const offsets = [];
    for (let y = -radius; y <= radius; y++) {
      for (let x = -radius; x <= radius; x++) if (x * x + y * y <= (radius + 0.3) ** 2) offsets.push(y * width + x);
    }
    discs.clear();
    discs.set(key, Int32Array.from(offsets));
  }
  return discs.get(key);
}
function radiusNow() {
  const crowd = Math.sqrt(canvas.width * canvas.height / Math.max(n, 1)) / 7;
  const closer = Math.sqrt(view.scale / fitted().scale);
  return Math.max(1, Math.min(Math.round(9 * ratio), Math.round(Math.min(crowd, 4 * ratio) * closer)));
}
function render() {
  frame = 0;
  const w = canvas.width, h = canvas.height;
  if (!buffer || buffer.width !== w || buffer.height !== h) {
    buffer = context.createImageData(w, h);
    pixels = new Uint32Array(buffer.data.buffer);
  }
  pixels.fill(paper);
  const r = radiusNow(), mask = disc(r, w), halo = r + Math.max(1, Math.round(ratio));
  const ring = selectedCount ? maskRing(r, halo, w) : null;
  const { scale, x: ox, y: oy } = view;
  for (let k = 0; k < n; k++) {
    const i = order[k];
    const x = (xs[i] * scale + ox) | 0, y = (oy - ys[i] * scale) | 0;
    if (x < halo || y < halo || x >= w - halo || y >= h - halo) continue;
    const at = y * w + x, colour = colours[i];
    for (let m = 0; m < mask.length; m++) pixels[at + mask[m]] = colour;
    if (ring && selected[i]) for (let m = 0; m < ring.length; m++) pixels[at + ring[m]] = ink;
  }
  context.putImageData(buffer, 0, 0);
  if (current >= 0) {
    context.beginPath();
    context.arc(xs[current] * scale + ox, oy - ys[current] * scale, r + 4 * ratio, 0, 7);
    context.lineWidth = 2 * ratio; context.strokeStyle = css(property("--ink")); context.stroke();
  }
  if (lasso && lasso.length > 1) {
    context.beginPath();
    lasso.forEach(([px, py]) => context.lineTo(px, py));
    context.closePath(); context.lineWidth = 2 * ratio;
    context.strokeStyle = css(property("--accent")); context.setLineDash([6, 4]); context.stroke(); context.setLineDash([]);
  }
}
function maskRing(inner, outer, width) {
  const offsets = [];
  for (let y = -outer; y <= outer; y++) {
    for (let x = -outer; x <= outer; x++) {
      const d = x * x + y * y;
      if (d > (inner + 0.3) ** 2 && d <= (outer + 0.3) ** 2) offsets.push(y * width + x);
    }
  }
  return offsets;
}
function draw() { if (!frame) frame = requestAnimationFrame(render); }

// ---- the view
function fitted() {
  const room = 0.92, scale = Math.min(canvas.width / spanX, canvas.height / spanY) * room;
  return { scale, x: (canvas.width - spanX * scale) / 2, y: (canvas.height + spanY * scale) / 2 };
}
function resize() {
  const box = canvas.getBoundingClientRect(), before = canvas.width;
  ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.max(1, Math.round(box.width * ratio));
  canvas.height = Math.max(1, Math.round(box.height * ratio));
  if (before !== canvas.width) view = fitted();
  cancelAnimationFrame(frame);
  render();  // setting the size cleared it
}
function zoom(factor, px = canvas.width / 2, py = canvas.height / 2) {
  const least = fitted().scale / 4, scale = Math.max(least, Math.min(view.scale * factor, least * 4000));
  const by = scale / view.scale;
  view = { scale, x: px - (px - view.x) * by, y: py - (py - view.y) * by };
  draw();
}
function pan(dx, dy) { view = { ...view, x: view.x + dx, y: view.y + dy }; draw(); }

// ---- one point
const place = (i) => [xs[i] * view.scale + view.x, view.y - ys[i] * view.scale];
function nearest(px, py, reach) {
  let best = -1, least = reach * reach;
  for (let i = 0; i < n; i++) {
    const dx = xs[i] * view.scale + view.x - px, dy = view.y - ys[i] * view.scale - py, d = dx * dx + dy * dy;
    if (d < least) { least = d; best = i; }
  }
  return best;
}
const number = (value) => String(Number(value.toFixed(Math.abs(value) < 100 ? 3 : 1)));
const colourOf = (i, one) => one.codes ? one.names[one.codes[i]] : number(one.values[i]);
const decoded = data.colourings.map((one) => one.codes
  ? { name: one.name, names: one.names, codes: new Uint16Array(bytes(one.codes)) }
  : { name: one.name, values: new Float32Array(bytes(one.values)) });
function show(i) {
  if (i === current) return;
  current = i;
  const card = $("card");
  card.hidden = i < 0;
  draw();
  if (i < 0) return;
  const image = data.images[i];
  $("picture").hidden = !image;
  if (image) $("picture").src = image;
  const what = data.texts ? data.texts[i] : data.names[i];
  $("what").textContent = what;
  const facts = decoded.map((one) => `${one.name}: ${colourOf(i, one)}`);
  $("more").textContent = (data.texts ? [data.names[i], ...facts] : facts).join(" · ");
  $("said").textContent = `${what}. ${facts.join(", ")}`;
  const [px, py] = place(i).map((v) => v / ratio), box = canvas.getBoundingClientRect();
  const right = px > box.width - card.offsetWidth - 24, low = py > box.height - card.offsetHeight - 24;
  card.style.left = `${Math.max(4, right ? px - card.offsetWidth - 14 : px + 14)}px`;
  card.style.top = `${Math.max(4, low ? py - card.offsetHeight - 14 : py + 14)}px`;
}
let selectedCount = 0;
function count() {
  selectedCount = selected.reduce((sum, one) => sum + one, 0);
  $("count").textContent = `${selectedCount.toLocaleString("en")} selected`;
  $("save").disabled = !selectedCount;
  draw();
}
function inside(px, py, corners) {
  let odd = false;
  for (let a = 0, b = corners.length - 1; a < corners.length; b = a++) {
    const [ax, ay] = corners[a], [bx, by] = corners[b];
    if (ay > py !== by > py && px < (bx - ax) * (py - ay) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}
function closeLasso() {
  if (lasso && lasso.length > 2) for (let i = 0; i < n; i++) if (inside(...place(i), lasso)) selected[i] = 1;
  lasso = null;
  count();
}
function setLasso(on) {
  lassoOn = on; lasso = null;
  $("lasso").setAttribute("aria-pressed", String(on));
  canvas.classList.toggle("drawing", on);
  draw();
}
function clear() { selected.fill(0); setLasso(false); show(-1); count(); }

// ---- a table of what is selected; no spreadsheet computes a cell of it
const inert = (text) => /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$/.test(text) ? ` ${text}` : text;
const cell = (text) => { const safe = inert(String(text)); return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };
function table() {
  const rows = [["path", ...(data.texts ? ["text"] : []), ...decoded.map((one) => one.name)]];
  for (let i = 0; i < n; i++) {
    if (selected[i]) rows.push([data.names[i], ...(data.texts ? [data.texts[i]] : []), ...decoded.map((one) => colourOf(i, one))]);
  }
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
  link.download = "selected.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// ---- pointers and keys
const pointers = new Map();
const at = (event) => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
};
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, at(event));
  if (lassoOn) lasso = [at(event)];
});
canvas.addEventListener("pointermove", (event) => {
  const [px, py] = at(event), before = pointers.get(event.pointerId);
  if (!before) { show(nearest(px, py, 14 * ratio)); return; }
  if (lasso) { lasso.push([px, py]); draw(); return; }
  if (pointers.size === 2) {
    const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
    const apart = (p) => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
    zoom(apart([px, py]) / apart(before), other[0], other[1]);
  } else { show(-1); pan(px - before[0], py - before[1]); }
  pointers.set(event.pointerId, [px, py]);
});
for (const name of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(name, (event) => {
    pointers.delete(event.pointerId);
    if (lasso) closeLasso();
    else if (event.pointerType !== "mouse") show(nearest(...at(event), 20 * ratio));
  });
}
canvas.addEventListener("pointerleave", () => { if (!pointers.size) show(-1); });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  show(-1);
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...at(event));
}, { passive: false });
canvas.addEventListener("dblclick", (event) => zoom(2, ...at(event)));
function step(forward) {
  const seen = [];
  for (let i = 0; i < n; i++) {
    const [px, py] = place(i);
    if (px >= 0 && py >= 0 && px < canvas.width && py < canvas.height) seen.push(i);
  }
  if (!seen.length) return;
  const here = seen.indexOf(current);
  show(seen[here < 0 ? (forward ? 0 : seen.length - 1) : (here + (forward ? 1 : -1) + seen.length) % seen.length]);
}
const KEYS = {
  ArrowLeft: () => pan(60 * ratio, 0), ArrowRight: () => pan(-60 * ratio, 0),
  ArrowUp: () => pan(0, 60 * ratio), ArrowDown: () => pan(0, -60 * ratio),
  "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": () => { view = fitted(); draw(); },
  n: () => step(true), p: () => step(false), l: () => setLasso(!lassoOn), Escape: clear,
  Enter: () => { if (current >= 0) { selected[current] ^= 1; count(); } },
};
canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = KEYS[event.key] || KEYS[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
});
$("in").addEventListener("click", () => zoom(1.4));
$("out").addEventListener("click", () => zoom(1 / 1.4));
$("all").addEventListener("click", () => { view = fitted(); draw(); });
$("lasso").addEventListener("click", () => setLasso(!lassoOn));
$("none").addEventListener("click", clear);
$("save").addEventListener("click", save);
data.colourings.forEach((one, k) => $("by").append(new Option(one.name, String(k))));
$("by").closest("label").hidden = !data.colourings.length;
$("by").addEventListener("change", () => colourBy(Number($("by").value)));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readTheme(); paint(); });
new ResizeObserver(resize).observe(canvas);
readTheme();
colourBy(0);
resize();
