// Groups that close to one box each. Where one is closed, the boxes that are shown are placed anew.
const closed = new Set(graph.folded);
const chains = groups.map(() => []); // of every group those that it lies in, from the top, and itself
groups.forEach(([, within], g) => chains[g].push(...(within === null ? [] : chains[within]), g));
const members = groups.map(() => []);
groupOf.forEach((g, i) => g !== null && chains[g].forEach((h) => members[h].push(i)));
const closedOver = (i) => (groupOf[i] === null ? undefined : chains[groupOf[i]].find((g) => closed.has(g)));
const groupBox = (g) => {
  if (groupBoxes[g] === null) {
    const box = makeSvg("g", { class: "group" }, boxLayer);
    const [fill, stroke] = looks.group;
    makeSvg("rect", { x: -8, width: WIDTH, height: HEIGHT, rx: 2, fill, stroke, "stroke-width": 2 }, box);
    const parts = groups[g][0].split(/\.(?!\d)/);
    const last = parts.pop();
    const around = parts.join(".");
    const size = `${members[g].length} nodes`;
    const lines = around ? [around, last, `${size}, open`] : [last, size, "click to open"];
    lines.map((line) => (line.length > 16 ? `${line.slice(0, 9)}…${line.slice(-6)}` : line)).forEach((text, k) => {
      makeSvg("text", { y: 15 * (k + 1) }, box).textContent = text;
    });
    on(box, "click", () => fold(g, false));
    groupBoxes[g] = box;
  }
  return groupBoxes[g];
};

const GAP = 14; // between boxes of a column
const [CHANNEL, NUMBERED] = [56, 100]; // at most, between columns; where numbers stand at the arrows
const PORT = 15; // between arrows that arrive at one box
const ROUNDS = 8;
const OPENED = 40; // nodes of a group that opens as a whole; of a larger one the groups within stay closed

// Takes out of the horizontal axis what no box lies on, where it is longer than need be.
const squeeze = (spans, numbered) => {
  spans.sort((a, b) => a[0] - b[0]);
  const cuts = [];
  let last = spans[0][0];
  for (const [from, to] of spans) {
    const most = numbered.some((x) => x >= from && x < from + WIDTH) ? NUMBERED : CHANNEL;
    if (from - last > most) cuts.push([last, from, most]);
    last = Math.max(last, to);
  }
  return (x) => {
    let moved = x;
    for (const [from, to, most] of cuts) moved -= x >= to ? to - from - most : x > from ? (x - from) * (1 - most / (to - from)) : 0;
    return Math.round(moved);
  };
};

// Gives the boxes of a column the heights nearest to the wanted ones that keep their order and their gaps, as placement.py does.
const settle = (column, wanted) => {
  const offsets = [0];
  for (let k = 1; k < column.length; k++) offsets.push(offsets[k - 1] + (column[k - 1].height + column[k].height) / 2 + GAP);
  const pools = []; // [mean, members]
  wanted.forEach((height, k) => {
    let [mean, count] = [height - offsets[k], 1];
    while (pools.length > 0 && pools[pools.length - 1][0] >= mean) {
      const [above, more] = pools.pop();
      mean = (above * more + mean * count) / (more + count);
      count += more;
    }
    pools.push([mean, count]);
  });
  let k = 0;
  for (const [mean, count] of pools) for (const end = k + count; k < end; k++) column[k].middle = mean + offsets[k];
};

// Gives boxes their heights, so that each stands near what it is joined with. A box knows its x, width, height and the middle that it had.
const placeAnew = (boxes, joined) => {
  const columns = [];
  let end = -Infinity;
  for (const box of [...boxes].sort((a, b) => a.x - b.x)) {
    if (box.x >= end) columns.push([]);
    columns[columns.length - 1].push(box);
    end = Math.max(box.x >= end ? -Infinity : end, box.x + box.width);
  }
  for (const column of columns) {
    column.sort((a, b) => a.middle - b.middle);
    settle(column, column.map((box) => box.middle));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const last = round >= ROUNDS - 2; // then order stays, and both sides pull
    for (const column of round % 2 ? [...columns].reverse() : columns) {
      const wish = (box) => {
        const all = joined.get(box) ?? [];
        const side = all.filter((other) => (round % 2 ? other.x > box.x : other.x < box.x));
        const felt = last || side.length === 0 ? all : side;
        return felt.length === 0 ? box.middle : felt.reduce((sum, other) => sum + other.middle, 0) / felt.length;
      };
      const wishes = new Map(column.map((box) => [box, wish(box)]));
      if (!last) column.sort((a, b) => wishes.get(a) - wishes.get(b));
      settle(column, column.map((box) => wishes.get(box)));
    }
  }
  for (const box of boxes) box.y = Math.round(box.middle - box.height / 2);
};

const asDrawn = arrows.map((arrow) => arrow.getAttribute("d"));
const extentsAsDrawn = extents;
const numbersAsDrawn = numberTexts.map((text) => [text.getAttribute("x"), text.getAttribute("y")]);
const arrangeAsDrawn = () => {
  shownAs = [];
  carrier = edges.map((_, e) => e);
  [places, extents] = [corners, extentsAsDrawn];
  groupBoxes.forEach((box) => box?.toggleAttribute("hidden", true));
  boxes.forEach((box, i) => {
    hide(box, false);
    set(box, "transform", `translate(${corners[i].x0} ${corners[i].y0})`);
  });
  arrows.forEach((arrow, e) => {
    hide(arrow, false);
    set(arrow, "d", asDrawn[e]);
  });
  numberTexts.forEach((text, k) => {
    hide(text, false);
    set(text, "x", numbersAsDrawn[k][0]);
    set(text, "y", numbersAsDrawn[k][1]);
  });
};
const arrangeFolded = () => {
  shownAs = names.map((_, i) => closedOver(i));
  const firstUse = new Map(); // of every closed group how far to the left it is used
  edges.forEach(([j, i]) => {
    const g = shownAs[j];
    if (g !== undefined && shownAs[i] !== g) firstUse.set(g, Math.min(firstUse.get(g) ?? Infinity, corners[i].x));
  });
  const standing = new Map(); // of every node or closed group its box
  const boxOf = (i) => standing.get(shownAs[i] === undefined ? `n${i}` : `g${shownAs[i]}`);
  const stand = (key, { x, y, width, height }) => standing.set(key, { x, width, height, middle: y + height / 2 });
  corners.forEach((c, i) => shownAs[i] === undefined && stand(`n${i}`, c));
  closed.forEach((g) => { // it takes the column of a result within: of those to the left of all uses the last
    const inside = members[g].filter((i) => shownAs[i] === g && !isLiteral(i));
    const results = (inside.some(isResult) ? inside.filter(isResult) : inside).map((i) => corners[i]);
    const before = results.filter((c) => c.x + c.width <= (firstUse.get(g) ?? Infinity));
    const able = before.length > 0 ? before : results;
    if (able.length === 0) return;
    const last = able.reduce((a, b) => (b.x > a.x ? b : a));
    const middle = able.reduce((sum, c) => sum + c.y + c.height / 2, 0) / able.length;
    stand(`g${g}`, { x: last.x, y: middle - HEIGHT / 2, width: WIDTH, height: HEIGHT });
  });
  const numbered = numberTexts.length > 0 ? edges.filter(([j, i, k]) => shownAs[i] === undefined && shownAs[j] === undefined && local[i][k] !== null).map(([, i]) => corners[i].x) : [];
  const across = squeeze([...standing.values()].map((box) => [box.x, box.x + box.width]), numbered);
  standing.forEach((box) => (box.x = across(box.x)));

  const bundles = new Map(); // of every two boxes the edge that stands for those between them
  const joined = new Map();
  const arriving = new Map();
  const add = (map, key, one) => map.set(key, [...(map.get(key) ?? []), one]);
  edges.forEach(([j, i], e) => {
    const [from, to] = [boxOf(j), boxOf(i)];
    const free = shownAs[j] === undefined && shownAs[i] === undefined;
    const key = free ? `e${e}` : `${shownAs[j] ?? `n${j}`} ${shownAs[i] ?? `n${i}`}`;
    carrier[e] = from === to ? -1 : (bundles.get(key) ?? e);
    if (carrier[e] !== e) return;
    bundles.set(key, e);
    add(joined, from, to);
    add(joined, to, from);
    add(arriving, to, e);
  });
  placeAnew([...standing.values()], joined);

  groupBoxes.forEach((_, g) => {
    const box = standing.get(`g${g}`);
    if (box !== undefined) set(groupBox(g), "transform", `translate(${box.x + 8} ${box.y})`);
    groupBoxes[g]?.toggleAttribute("hidden", box === undefined);
  });
  places = names.map((_, i) => boxOf(i));
  boxes.forEach((box, i) => {
    hide(box, shownAs[i] !== undefined);
    const [c, p] = [corners[i], places[i]];
    if (shownAs[i] === undefined) set(box, "transform", `translate(${p.x + c.x0 - c.x} ${p.y + c.y0 - c.y})`);
  });
  extents = edges.map(() => [0, 0, 0, 0]);
  arrows.forEach((arrow, e) => hide(arrow, carrier[e] !== e));
  const numberOf = new Map(); // of every edge the text at its arrow
  if (numberTexts.length > 0) edges.filter(([, i, k]) => local[i][k] !== null).forEach(([, i, k], at) => numberOf.set(firstEdge[i] + k, numberTexts[at]));
  arriving.forEach((all, to) => {
    const source = (e) => places[edges[e][0]];
    const port = Math.min(PORT, to.height / all.length);
    all.sort((a, b) => source(a).middle - source(b).middle).forEach((e, k) => {
      const from = source(e);
      const [x1, y1, x2] = [from.x + from.width, Math.round(from.middle), to.x];
      const y2 = Math.round(to.middle + (k - (all.length - 1) / 2) * port);
      const text = shownAs[edges[e][1]] === undefined ? numberOf.get(e) : undefined;
      const stub = x2 - HEAD - (text === undefined ? 0 : Math.min(48, 7.3 * text.textContent.length));
      const turn = (x1 + stub) / 2;
      set(arrows[e], "d", `M${x1} ${y1}C${turn} ${y1} ${turn} ${y2} ${stub} ${y2}H${x2}`);
      extents[e] = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
      text?.setAttribute("x", x2 - HEAD);
      text?.setAttribute("y", y2 - 3);
    });
  });
  numberOf.forEach((text, e) => hide(text, carrier[e] !== e || shownAs[edges[e][1]] !== undefined));
};

// Opened and closed.
const switches = groups.map(() => null);
const fold = (g, close) => {
  if (close) closed.add(g);
  else {
    closed.delete(g);
    if (members[g].length > OPENED) groups.forEach(([, within], h) => within === g && closed.add(h));
  }
  rearrange();
};
const arrange = () => {
  if (closed.size === 0) arrangeAsDrawn();
  else arrangeFolded();
  size();
};
const rearrange = () => {
  switches.forEach((box, g) => (box.checked = closed.has(g)));
  arrange();
  fit();
  show(true);
};
const lists = groups.map(() => null);
groups.forEach(([title, within], g) => {
  if (within !== null && lists[within] === null) lists[within] = make("ul", null, switches[within].closest("li"));
  const item = make("li", null, within === null ? byId("group-list") : lists[within]);
  const label = make("label", null, item);
  switches[g] = make("input", null, label);
  switches[g].type = "checkbox";
  switches[g].checked = closed.has(g);
  on(switches[g], "change", () => fold(g, switches[g].checked));
  label.append(` ${title} (${members[g].length} nodes)`);
});
byId("groups").hidden = false;
tellGroup = (fact) => {
  const group = groupOf[chosen];
  byId("close-group").hidden = group === null;
  if (group === null) return;
  say("close-group", `Close ${groups[group][0]}`);
  fact("group", groups[group][0]);
};
on(byId("close-group"), "click", () => fold(groupOf[chosen], true));
on(byId("open-all"), "click", () => {
  closed.clear();
  rearrange();
});
on(byId("close-all"), "click", () => {
  groups.forEach(([, within], g) => within === null && closed.add(g));
  rearrange();
});
arrange();
