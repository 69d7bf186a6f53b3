// The picture: what is shown of a step, and how one goes from step to step.
const byId = (id) => document.getElementById(id);
const on = (element, kind, act) => element.addEventListener(kind, act);
const make = (tag, text, parent) => {
  const element = document.createElement(tag);
  if (text !== null) element.textContent = text;
  parent.append(element);
  return element;
};
const set = (element, name, value) => element.setAttribute(name, value);
const hide = (element, hidden) => element.toggleAttribute("hidden", hidden);
const makeSvg = (tag, attributes, parent) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) set(element, name, attributes[name]);
  parent.append(element);
  return element;
};

const graph = JSON.parse(byId("graph-data").textContent);
const engine = makeEngine(graph, rows);
const { names, parents, data, local, root, edges, firstEdge, uses, fixed, isResult, isLiteral } = engine;
const { labels, looks } = graph;
const [groups, groupOf] = [graph.groups ?? [], graph.groupOf ?? []];
const rule = (i) => graph.ops[graph.op[graph.row[i]]];
const firstBackward = engine.results.length + 1;

// Texts.
const gradientNumber = (g) => (g === null ? "not computed" : number(g));
const listed = (texts, between = ", ") => (texts.length > 8 ? [...texts.slice(0, 4), "...", ...texts.slice(-2)] : texts).join(between);
const written = (i, texts) => {
  const half = texts.length >> 1;
  const places = { x: texts[0], y: texts[1], w: texts[2], last: texts[texts.length - 1] };
  const lists = { xs: texts, front: texts.slice(0, -1), left: texts.slice(0, half), right: texts.slice(half) };
  return rule(i).template.replace(/\{(\w+)(?::(\d))?\}/g, (_, place, level) => {
    if (place === "products") return listed(lists.left.map((x, k) => `${x} * ${lists.right[k]}`), " + ");
    if (place in lists) return listed(lists[place]);
    return level > 3 && places[place].startsWith("-") ? `(${places[place]})` : places[place];
  });
};
const withNames = (i) => written(i, parents[i].map((j) => (isLiteral(j) ? number(data[j]) : names[j])));
const withNumbers = (i) => written(i, parents[i].map((j) => number(data[j])));

let full = 0; // the largest gradient, at the end of the scale
const measure = () => (full = Math.max(0, ...engine.gradients.filter((g) => g !== null && Number.isFinite(g)).map(Math.abs)));
const strength = (g) => {
  if (!g || !full) return 0;
  return Number.isFinite(g) ? Math.min(1, Math.max(0.05, 1 + Math.log10(Math.abs(g) / full) / 4)) : 1;
};
const sign = (g) => (g === null ? "none" : Number.isNaN(g) ? "nan" : g > 0 ? "positive" : g < 0 ? "negative" : "zero");

const caption = (step) => {
  if (engine.badAt !== null) {
    const { formula, domain } = rule(engine.badAt);
    return [`${names[engine.badAt]} = ${withNumbers(engine.badAt)} is not defined`, `${formula} is defined for ${domain}. Python would refuse it: undo, or change the number.`];
  }
  if (step === 0) return ["Start", "The leaves have their numbers. Nothing is computed yet: each step computes one result, then backward begins."];
  const event = engine.events[step - 1];
  const name = names[event.node];
  if (event.kind === "forward") {
    const line = `${name} = ${withNames(event.node)} = ${withNumbers(event.node)} = ${number(data[event.node])}`;
    return [line, `Forward: ${rule(event.node).name}, that is ${rule(event.node).formula}.`];
  }
  if (event.kind === "seed") {
    return [`${name}.grad = 1`, "Backward begins: the derivative of the result by itself is 1. The other gradients are not computed yet, which is not the same as 0."];
  }
  if (event.kind === "zero") {
    const reason = event.before === null ? "Nothing has reached it, so its gradient is 0" : "Its gradient is 0";
    const leaves = listed(event.leaves.map((j) => names[j]));
    return [`${name}.grad = 0`, `${reason}: it passes nothing on.${leaves && " Backward has been at " + leaves + ": 0."}`];
  }
  const [j, i, k] = edges[event.edge];
  const line = `${name}.grad += local × upstream = ${number(local[i][k])} × ${number(event.upstream)} = ${number(event.flow)}`;
  const stops = event.flow === 0 && !Number.isFinite(event.upstream) ? " A local derivative that is the plain number 0 passes nothing on." : "";
  const all = uses[j].length;
  const use = all > 1 ? ` This is use ${uses[j].indexOf(event.edge) + 1} of ${all}: what comes from each is added up.` : "";
  return [
    `${line} (${gradientNumber(event.before)} → ${number(event.after)})`,
    `Backward through ${names[i]} = ${withNames(i)}: local = d(${names[i]})/d(${name}), upstream = ${names[i]}.grad.${stops}${use}`,
  ];
};

// Which boxes are there, and where.
const svg = byId("graph");
const boxLayer = svg.querySelector(".boxes");
const boxes = [...boxLayer.children];
const arrows = [...svg.querySelector(".arrows").children];
const numberTexts = [...svg.querySelector(".numbers").children];
const kinds = boxes.map((box) => box.getAttribute("class"));
const { width: WIDTH, height: HEIGHT, margin: MARGIN, head: HEAD } = graph.measures;
const corners = boxes.map((box, i) => {
  const [x, y] = box.getAttribute("transform").match(/-?\d+/g).map(Number);
  const frame = box.firstElementChild;
  if (isLiteral(i)) return { x: x - 6, y, width: Number(frame.getAttribute("href").slice(2)), height: 20, x0: x, y0: y };
  const height = Number(frame.getAttribute("height") ?? HEIGHT);
  return { x: x - 8, y: y + Number(frame.getAttribute("y") ?? 0), width: WIDTH, height, x0: x, y0: y };
});
const routes = arrows.map((arrow) => {
  const [start, ...turns] = arrow.getAttribute("d").split("c").map((part) => part.match(/-?\d+/g).map(Number));
  const [x, y, first] = start;
  const route = [[x, x + (first ?? 0), y]];
  for (const turn of turns) {
    const [, end, height] = route[route.length - 1];
    const begin = end + turn[4];
    route.push([begin, begin + turn[6], height + turn[5]]);
  }
  return route;
});
// A page with groups changes these, in folding.js.
let shownAs = []; // of every node the number of the closed group that stands for it, else undefined
let carrier = edges.map((_, e) => e); // of every edge the edge whose arrow stands for it: arrows between the same boxes become one
let places = corners; // of every node its box as shown: { x, y, width, height }
let extents = routes.map((route) => {
  const heights = route.map(([, , y]) => y);
  return [route[0][0], Math.min(...heights), route[route.length - 1][1], Math.max(...heights)];
}); // of every edge the corners of what its arrow covers: left, top, right, bottom
const groupBoxes = groups.map(() => null);
let tellGroup = () => undefined; // what else is said of a chosen node

const scroller = byId("scroll");
// What of the picture is in view. To ask for it between changes makes a browser lay the page out each time, so it is asked for where it may have changed.
let port = { left: 0, top: 0, width: 0, height: 0 };
const lookAround = () => (port = { left: scroller.scrollLeft, top: scroller.scrollTop, width: scroller.clientWidth, height: scroller.clientHeight });
const [LEAST, LEGIBLE] = [0.45, 0.75]; // of full size: the whole is shown if it is not smaller than the one, else a part of it in the other
const TALL = 0.64; // of the window: the picture is not higher
let zoom = 1;
const extent = () => {
  const all = [...places.map((p) => [p.x, p.y, p.x + p.width, p.y + p.height]), ...extents.filter((_, e) => carrier[e] === e)];
  const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => (side < 2 ? Math.min : Math.max)(...all.map((corners) => corners[side])));
  return [left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN];
};
let view = [0, 0, 1, 1];
const size = () => {
  view = extent();
  set(svg, "viewBox", view.join(" "));
  set(svg, "width", Math.round(view[2] * zoom));
  set(svg, "height", Math.round(view[3] * zoom));
};
const zoomTo = (z) => {
  zoom = Math.min(2, Math.max(0.1, z));
  size();
  lookAround();
  follow();
  paint();
};
const fitWhole = () => {
  lookAround();
  zoomTo(Math.min(1, port.width / view[2], (TALL * innerHeight) / view[3]));
};
const fit = () => {
  lookAround();
  const [wide, high] = [port.width / view[2], (TALL * innerHeight) / view[3]];
  zoomTo(Math.min(1, wide < LEAST ? LEGIBLE : wide, Math.max(high, LEGIBLE)));
};
const follow = () => {
  if (step === 0) return;
  const event = engine.events[step - 1];
  const seen = event.kind === "flow" ? edges[event.edge].slice(0, 2) : [event.node];
  for (const i of seen.reverse()) {
    const p = places[i];
    const [left, top] = [(p.x - view[0]) * zoom, (p.y - view[1]) * zoom];
    const [right, bottom] = [left + p.width * zoom, top + p.height * zoom];
    const besides = left < port.left || right > port.left + port.width;
    const beyond = top < port.top || bottom > port.top + port.height;
    if (besides) scroller.scrollLeft = (left + right - port.width) / 2;
    if (beyond) scroller.scrollTop = (top + bottom - port.height) / 2;
    if (besides || beyond) lookAround();
  }
};

// A step shown. What is on the screen already is left alone.
let step = 0;
let chosen = null;
let gradients = [];
const onScreen = new Map();
const put = (element, name, value) => {
  const before = onScreen.get(element);
  if (before === undefined) onScreen.set(element, { [name]: value });
  else if (before[name] === value) return;
  else before[name] = value;
  if (name === "text") {
    if (element.firstChild === null) element.textContent = value;
    else element.firstChild.data = value;
  } else if (value === "") element.removeAttribute(name);
  else set(element, name, value);
};
const say = (id, text) => put(byId(id), "text", text);
const wear = (element, role) => {
  ["fill", "stroke", "stroke-dasharray"].forEach((name, k) => put(element, name, looks[role][k]));
};
const bars = boxes.map(() => null);
const bar = (i, g) => {
  if (bars[i] === null) {
    if (!g) return;
    bars[i] = makeSvg("rect", { height: 4, y: HEIGHT - 6 }, boxes[i]);
  }
  const length = Math.round((WIDTH / 2 - 6) * strength(g));
  if (g) wear(bars[i], `${sign(g)} bar`);
  put(bars[i], "width", length);
  put(bars[i], "x", WIDTH / 2 - 8 - (g < 0 ? length : 0));
};
const frame = (role, place) => {
  const element = byId(`${role}-frame`);
  put(element, "visibility", place ? "visible" : "hidden");
  if (place) for (const name of ["x", "y", "width", "height"]) put(element, name, place[name]);
};
let known = []; // of every node whether its number is there, after this step
let flows = []; // of every edge what it has brought, null if nothing yet
let current = null; // the event of this step
const show = (moved) => {
  const { events } = engine;
  known = names.map((_, i) => !isResult(i));
  gradients = names.map(() => null);
  flows = edges.map(() => null);
  for (let at = 0; at < step; at++) {
    const event = events[at];
    if (event.kind === "forward") known[event.node] = true;
    else gradients[event.node] = event.after;
    if (event.kind === "flow") flows[event.edge] = event.flow;
    if (event.kind === "zero") for (const j of event.leaves) gradients[j] = 0;
  }
  current = step === 0 ? null : events[step - 1];
  const [line, remark] = caption(step);
  say("line", line);
  say("remark", remark);
  say("count", `step ${step} of ${events.length}, ${step < firstBackward ? "forward" : "backward"}`);
  byId("scrub").value = step;
  put(byId("scrub"), "aria-valuetext", `step ${step} of ${events.length}: ${line}`);
  for (const [id, end] of [["first", 0], ["back", 0], ["next", events.length], ["last", events.length]]) put(byId(id), "aria-disabled", String(step === end));
  if (chosen !== null) describe();
  if (moved) follow(); // an edit and a click leave the view where it is
  paint();
};
// Only what is in view is brought up to date: a thousand boxes at once take a browser longer than a step may.
let everything = false;
const inView = () => {
  const [left, top] = [port.left / zoom + view[0], port.top / zoom + view[1]];
  const [right, bottom] = [left + port.width / zoom, top + port.height / zoom];
  return ([x1, y1, x2, y2]) => everything || (x2 >= left && x1 <= right && y2 >= top && y1 <= bottom);
};
const paint = () => {
  const seen = inView();
  const active = new Set(current?.kind === "flow" ? [current.edge] : []);
  if (current?.kind === "forward") parents[current.node].forEach((_, k) => active.add(firstEdge[current.node] + k));
  boxes.forEach((box, i) => {
    const p = places[i];
    if (shownAs[i] !== undefined || !seen([p.x, p.y, p.x + p.width, p.y + p.height])) return;
    put(box, "class", `${kinds[i]}${known[i] ? "" : " later"}${current?.node === i ? " now" : ""}`);
    const face = box.firstElementChild;
    if (isLiteral(i)) {
      const text = number(data[i]);
      put(box.children[1], "text", text);
      put(face, "transform", text.length * 7.3 + 12 > p.width ? `scale(${((text.length * 7.3 + 12) / p.width).toFixed(2)} 1)` : ""); // an edited one may need more room
      return;
    }
    const role = known[i] ? (isResult(i) ? "operation" : "leaf") : "later";
    if (face.tagName === "use") put(face, "href", `#${role === "operation" ? "op" : role}`);
    else wear(face, role);
    put(box.children[2], "text", known[i] ? `data ${number(data[i])}` : "data not yet");
    put(box.children[3], "text", gradients[i] === null ? "grad not yet" : `grad ${number(gradients[i])}`);
    bar(i, gradients[i]);
  });
  groupBoxes.forEach((box, g) => box && put(box, "class", `group${current && shownAs[current.node] === g ? " now" : ""}`));
  frame("now", current && places[current.node]);
  frame("chosen", chosen === null || shownAs[chosen] !== undefined || current?.node === chosen ? null : places[chosen]);
  const loudest = new Map(); // of the edges that share an arrow the active one, else the one that brings most
  edges.forEach((_, e) => {
    if (carrier[e] < 0 || !seen(extents[carrier[e]])) return;
    const other = loudest.get(carrier[e]);
    if (other === undefined || active.has(e) || (!active.has(other) && Math.abs(flows[e] ?? -1) > Math.abs(flows[other] ?? -1))) loudest.set(carrier[e], e);
  });
  loudest.forEach((e, arrow) => {
    const flow = flows[e];
    const way = sign(flow);
    const [, stroke, dashes] = looks[`${way} line`];
    const now = active.has(e);
    put(arrows[arrow], "stroke", now && flow === null ? looks.now[1] : way === "none" ? "" : stroke);
    put(arrows[arrow], "stroke-dasharray", flow === null && !known[edges[e][1]] && numberTexts.length > 0 ? looks.later[2] : numberTexts.length > 0 ? dashes : "");
    put(arrows[arrow], "stroke-width", now ? "6" : flow ? (1 + 2.5 * strength(flow)).toFixed(1) : "");
    put(arrows[arrow], "marker-end", way === "none" ? "" : `url(#${way})`);
  });
};
on(scroller, "scroll", () => requestAnimationFrame(() => {
  lookAround();
  paint();
}));
on(window, "beforeprint", () => {
  everything = true;
  paint();
});
on(window, "afterprint", () => (everything = false));

// Going.
let timer = null;
const go = (to) => {
  step = Math.min(engine.events.length, Math.max(0, to));
  show(true);
  if (timer === null) remember();
};
const remember = () => {
  try {
    history.replaceState(null, "", `#step=${step}`);
  } catch {
    // Within a notebook's frame there is no history.
  }
};
const silent = (event) => event.kind === "zero" || (event.kind === "flow" && event.flow === 0);
const after = (by) => {
  let to = step + by;
  if (byId("skip").checked) while (to > 0 && to < engine.events.length && silent(engine.events[to - 1])) to += by;
  return to;
};
const pause = () => {
  if (timer === null) return;
  clearTimeout(timer);
  timer = null;
  byId("play").textContent = "Play";
  set(byId("caption"), "aria-live", "polite");
  remember();
};
const tick = () => {
  go(after(1));
  if (step >= engine.events.length) pause();
  else timer = setTimeout(tick, Number(byId("speed").value));
};
const play = () => {
  if (timer !== null) return pause();
  set(byId("caption"), "aria-live", "off");
  byId("play").textContent = "Pause";
  if (step >= engine.events.length) step = 0;
  timer = setTimeout(tick, 0);
};
const moves = { first: () => go(0), back: () => go(after(-1)), next: () => go(after(1)), last: () => go(engine.events.length) };
for (const id in moves) {
  on(byId(id), "click", () => {
    pause();
    moves[id]();
  });
}
on(byId("play"), "click", play);
on(byId("scrub"), "input", () => {
  pause();
  go(Number(byId("scrub").value));
});
on(byId("larger"), "click", () => zoomTo(zoom * 1.25));
on(byId("smaller"), "click", () => zoomTo(zoom / 1.25));
on(byId("fit"), "click", fitWhole);
on(document, "keydown", (event) => {
  const id = { Home: "first", ArrowLeft: "back", ArrowRight: "next", End: "last" }[event.key];
  if (!id || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.target.closest("input, select, #scroll")) return;
  event.preventDefault();
  pause();
  moves[id]();
});
const linked = () => {
  const found = /^#step=(\d+)$/.exec(location.hash);
  return found === null ? null : Number(found[1]);
};
on(window, "hashchange", () => {
  pause();
  go(linked() ?? step);
});

// A node looked at. Terms and texts take turns.
const tellFacts = (told) => {
  const list = byId("facts");
  while (list.children.length > told.length) list.lastChild.remove();
  while (list.children.length < told.length) make(list.children.length % 2 ? "dd" : "dt", null, list);
  told.forEach((text, k) => put(list.children[k], "text", text));
};
const describe = () => {
  const i = chosen;
  const { events } = engine;
  byId("node").hidden = false;
  say("chosen", isLiteral(i) ? `A literal of ${names[parents.findIndex((row) => row.includes(i))]}` : names[i]);
  const told = [];
  const fact = (term, text) => told.push(term, text);
  editable(i);
  if (labels[i] !== undefined) fact("label", labels[i]);
  tellGroup(fact);
  if (isLiteral(i)) {
    fact("gradient", "none: a literal is a plain number");
    return tellFacts(told);
  }
  if (isResult(i)) {
    const { name, formula, domain, kinks, partials } = rule(i);
    fact("forward", `${names[i]} = ${withNames(i)} = ${withNumbers(i)} = ${number(data[i])}`);
    fact("local", parents[i].map((j, k) => (local[i][k] === null ? null : `d(${names[i]})/d(${names[j]}) = ${number(local[i][k])}`)).filter((t) => t).join(", ") || "none");
    fact("rule", `${name}: ${formula}${domain ? `, for ${domain}` : ""}${kinks ? `. At kinks and ties: ${kinks}` : ""}`);
    fact("derivatives", partials);
  }
  fact("data", String(data[i]));
  const at = new Map();
  for (let k = 0; k < step; k++) if (events[k].kind === "flow") at.set(events[k].edge, events[k].flow);
  const texts = uses[i].filter((e) => at.has(e)).map((e) => `${number(at.get(e))} (through ${names[edges[e][1]]})`);
  const whole = i === root && step >= firstBackward ? ["1 (the seed)"] : texts;
  fact("sum over uses", gradients[i] === null ? "not computed yet" : `${listed(whole, " + ") || "nothing"} = ${number(gradients[i])}`);
  fact("gradient", gradients[i] === null ? "not computed yet" : String(gradients[i]));
  const [exact, found] = [engine.gradients[i] ?? 0, engine.difference(i)];
  const near = Math.abs(exact - found) <= 1e-4 * Math.max(1, Math.abs(exact), Math.abs(found));
  fact("check", found === null ? "not computed here: a row on the way is frozen" : `${number(found)} by finite differences, ${number(exact)} by the chain rule: ${near ? "they agree" : "they differ, a kink or a pole is near"}`);
  tellFacts(told);
};
const choose = (i) => {
  chosen = i;
  show();
};
boxes.forEach((box, i) => on(box, "click", () => choose(i)));
const numberOf = new Map(names.map((name, i) => [name, i]));
const cells = new Map(); // of every node but literals its row of the table
document.querySelectorAll("tbody tr").forEach((row) => {
  const cell = row.firstChild;
  const i = numberOf.get(cell.textContent);
  cells.set(i, row.children);
  const button = document.createElement("button");
  button.textContent = cell.textContent;
  on(button, "click", () => {
    choose(i);
    byId("chosen").focus();
  });
  cell.replaceChildren(button);
});
