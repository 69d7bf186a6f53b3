// The graph and its mathematics. Nothing here knows a document, so that Node can run it as well.

// Four significant digits, as Python's %.4g writes them.
const number = (x) => {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (x === 0) return "0";
  const [mantissa, exponent] = x.toExponential(3).split("e");
  const e = Number(exponent);
  if (e >= -4 && e < 4) return String(Number(x.toPrecision(4)));
  return `${Number(mantissa)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
};

// A graph by number: parents before children, the result last. `rows` are the rows in JavaScript, null for a frozen one.
// JSON has no nan and no infinities: they come as text.
const makeEngine = (graph, rows) => {
  const special = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  const real = (x) => (typeof x === "string" ? special[x] : x);
  const { names, parents } = graph;
  const plain = new Set(graph.plain); // the edges whose partial passes nothing on where it is 0, not even of an infinite gradient
  const data = graph.data.map(real);
  const local = graph.local.map((row) => row && row.map(real)); // 0 where the partials are operands or constants: they come below
  const given = [...data];
  const root = names.length - 1;
  const nodes = names.map((_, i) => i);
  const isResult = (i) => parents[i].length > 0;
  const isLiteral = (i) => names[i] === "";
  const results = nodes.filter(isResult);
  const rowOf = (i) => (isResult(i) ? rows[graph.row[i]] : undefined);

  results.forEach((i) => {
    if (local[i] !== 0) return;
    const partials = rowOf(i).p([...parents[i].map((j) => data[j]), data[i]]);
    let at = 0;
    local[i] = parents[i].map((j, k) => {
      const p = rowOf(i).skip?.includes(k) ? null : partials[at++];
      return isLiteral(j) ? null : p;
    });
  });

  const firstEdge = []; // of every node the first of its edges
  const edges = []; // [operand, result, position among the operands]
  parents.forEach((row, i) => {
    firstEdge.push(edges.length);
    row.forEach((j, k) => edges.push([j, i, k]));
  });
  // The positions of the operands in the order in which backward reaches them, as Primitive.sweep_order gives them.
  const sweeps = nodes.map((i) => {
    const half = parents[i].length / 2;
    return parents[i].map((_, k) => (!isResult(i) || !graph.ops[graph.op[graph.row[i]]].paired ? k : k % 2 ? half + (k - 1) / 2 : k / 2));
  });
  const uses = names.map(() => []); // of every node its edges, in the order of backward
  for (let i = root; i >= 0; i--) for (const k of sweeps[i]) if (local[i][k] !== null) uses[parents[i][k]].push(firstEdge[i] + k);

  // A frozen row keeps its number, and so must every leaf that it depends on.
  const fixed = names.map(() => false);
  for (let i = root; i >= 0; i--) if (isResult(i) && (fixed[i] || !rowOf(i))) [i, ...parents[i]].forEach((j) => (fixed[j] = true));
  const live = results.filter((i) => rowOf(i));
  const frozenBy = (i) => {
    const reached = new Set([i]);
    for (const k of results) {
      if (!parents[k].some((j) => reached.has(j))) continue;
      if (!rowOf(k)) return k;
      reached.add(k);
    }
    return null;
  };

  let badAt = null; // the first result whose operands lie outside of its domain
  const forward = (ordered = live) => {
    badAt = null;
    for (const i of ordered) {
      const row = rowOf(i);
      const xs = parents[i].map((j) => data[j]);
      if (badAt === null && row.bad !== undefined && row.bad(...xs)) badAt = i;
      data[i] = row.f(xs);
      xs.push(data[i]);
      const partials = row.p(xs);
      if (row.skip === undefined) {
        partials.forEach((p, k) => local[i][k] !== null && (local[i][k] = p));
      } else {
        let at = 0;
        parents[i].forEach((_, k) => {
          const p = row.skip.includes(k) ? null : partials[at++];
          if (local[i][k] !== null) local[i][k] = p;
        });
      }
    }
  };

  // The gradients, null where backward does not come. The arithmetic is backward's, in its order, so that they have its bits.
  const backward = (told) => {
    const gradients = names.map(() => null);
    gradients[root] = 1;
    told?.({ kind: "seed", node: root, before: null, after: 1 });
    for (let i = root; i >= 0; i--) {
      if (parents[i].length === 0) continue;
      const g = gradients[i];
      if (g === null || g === 0) {
        const leaves = parents[i].filter((j, k) => !isResult(j) && !isLiteral(j) && gradients[j] === null && parents[i].indexOf(j) === k);
        told?.({ kind: "zero", node: i, before: g, after: 0, leaves });
        for (const j of [i, ...leaves]) gradients[j] = 0;
        continue;
      }
      for (const k of sweeps[i]) {
        if (local[i][k] === null) continue;
        const j = parents[i][k];
        const flow = local[i][k] === 0 && plain.has(firstEdge[i] + k) ? 0 : local[i][k] * g;
        const before = gradients[j];
        gradients[j] = before === null ? flow : before + flow;
        told?.({ kind: "flow", node: j, edge: firstEdge[i] + k, upstream: g, flow, before, after: gradients[j] });
      }
    }
    return gradients;
  };

  // What happens, event by event.
  const engine = {
    names, parents, data, local, root, edges, firstEdge, uses, fixed, given, results, isResult, isLiteral, frozenBy,
    events: [],
    gradients: [],
    get badAt() {
      return badAt;
    },
  };
  const tell = () => {
    engine.events = results.map((i) => ({ kind: "forward", node: i }));
    engine.gradients = backward((event) => engine.events.push(event));
  };
  tell();
  engine.recompute = () => {
    forward();
    tell();
  };

  // Each parameter p <- p - rate * grad, with the gradients that are there.
  const move = (learning, gradients, rate) => {
    for (const i of learning) if (gradients[i] !== null) data[i] -= rate * gradients[i];
  };
  engine.descend = (learning, rate, steps) => {
    const losses = [];
    let gradients = engine.gradients;
    for (let n = 0; n < steps; n++) {
      move(learning, gradients, rate);
      forward();
      gradients = backward();
      losses.push(data[root]);
    }
    tell();
    return losses;
  };

  // The number of node `target` if the nodes of the map had other numbers: only what depends on them is computed. null where a frozen row is among it.
  engine.numberIf = (changed, target = root) => {
    for (const k of results) {
      if (k > target) break;
      if (changed.has(k) || !parents[k].some((j) => changed.has(j))) continue;
      if (!rowOf(k)) return null;
      changed.set(k, rowOf(k).f(parents[k].map((j) => (changed.has(j) ? changed.get(j) : data[j]))));
    }
    return changed.has(target) ? changed.get(target) : data[target];
  };
  // (f(x + h) - f(x - h)) / 2h. The h balances what it leaves out against rounding.
  engine.difference = (i) => {
    const h = Math.max(1, Math.abs(data[i])) * 6e-6;
    const [above, below] = [data[i] + h, data[i] - h];
    const [high, low] = [engine.numberIf(new Map([[i, above]])), engine.numberIf(new Map([[i, below]]))];
    return high === null ? null : (high - low) / (above - below);
  };

  // Training on rows: the graph is that of one row, whose numbers stand in the leaves `inputs`.
  engine.epoch = (inputs, table, learning, rate) => {
    const kept = inputs.map((i) => data[i]);
    const sums = new Map(learning.map((i) => [i, 0]));
    let loss = 0;
    for (const row of table) {
      inputs.forEach((i, k) => (data[i] = row[k]));
      forward();
      loss += data[root];
      const gradients = backward();
      for (const i of learning) sums.set(i, sums.get(i) + (gradients[i] ?? 0));
    }
    for (const i of learning) data[i] -= rate * (sums.get(i) / table.length);
    inputs.forEach((i, k) => (data[i] = kept[k]));
    forward();
    return loss / table.length;
  };
  engine.tell = tell;
  return engine;
};
