"use strict";
/* Draws a chart again that the server has drawn, with zoom and with every leg of the session pointed at. */

(function () {
  const DAY = 86400;
  const ALPHA = 0.14;

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue("--" + name).trim();
    return new Proxy({}, { get: (_, name) => of(name) });
  };

  const iso = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

  /* A level holds until its next point; null where none is in force at that place. */
  const heldAt = (points, x) => {
    if (points.length === 1) return points[0][1];
    let found = null;
    for (const [place, value] of points) {
      if (place > x) break;
      found = value;
    }
    return x > points[points.length - 1][0] + 5 * DAY ? null : found;
  };

  const vertical = (u, place) => Math.round(u.valToPos(place, "x", true));
  const inside = (u, draw) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    draw(ctx, bbox);
    ctx.restore();
  };

  const behind = (chart) => (u) => inside(u, (ctx, box) => {
    const colour = colours();
    for (const [start, end, kind] of chart.spans) {
      const left = vertical(u, start);
      const right = end === null ? box.left + box.width : vertical(u, end);
      ctx.globalAlpha = ALPHA;
      ctx.fillStyle = colour[kind];
      ctx.fillRect(left, box.top, Math.max(right - left, 2), box.height);
    }
    ctx.globalAlpha = 1;
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "left";
    const rows = [0, 0, 0, 0];
    for (const [place, label] of chart.marks) {
      const x = vertical(u, place);
      const free = rows.findIndex((end) => end <= x);
      const row = free < 0 ? rows.length - 1 : free;
      rows[row] = x + ctx.measureText(label).width + 8 * devicePixelRatio;
      ctx.strokeStyle = colour.line;
      ctx.beginPath();
      ctx.moveTo(x, box.top);
      ctx.lineTo(x, box.top + box.height);
      ctx.stroke();
      ctx.fillStyle = colour.soft;
      ctx.fillText(label, x + 3 * devicePixelRatio, box.top + (11 + 13 * row) * devicePixelRatio);
    }
  });

  const above = (chart) => (u) => inside(u, (ctx, box) => {
    const colour = colours();
    ctx.lineWidth = 1.6 * devicePixelRatio;
    ctx.strokeStyle = colour.accent;
    ctx.fillStyle = colour.paper;
    chart.x.forEach((x, at) => {
      if (chart.y[at] === null || !chart.hollow.includes(x)) return;
      ctx.beginPath();
      ctx.arc(vertical(u, x), u.valToPos(chart.y[at], "y", true), 3.5 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    });
    const last = chart.y.findLastIndex((value) => value !== null);
    if (chart.stale !== null && last >= 0) {
      const y = u.valToPos(chart.y[last], "y", true);
      ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(vertical(u, chart.x[last]), y);
      ctx.lineTo(vertical(u, chart.stale), y);
      ctx.stroke();
    }
    ctx.setLineDash([]);
    ctx.fillStyle = colour.soft;
    ctx.textAlign = "right";
    for (const level of chart.levels) {
      const value = heldAt(level.points, Math.min(u.scales.x.max, chart.x[chart.x.length - 1]));
      if (value === null) continue;
      const y = u.valToPos(value, "y", true);
      ctx.fillText(level.label, box.left + box.width - 4 * devicePixelRatio, y - 4 * devicePixelRatio);
    }
  });

  const options = (chart, root, told, size) => {
    const axis = { stroke: () => colours().soft, grid: { stroke: () => colours().grid, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    return {
      ...size,
      padding: [8, 34, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, points: { size: 8 } },
      scales: { x: { time: true, range: (_, low, high) => [low, Math.max(high, Math.min(chart.stale || high, high + 60 * DAY))] } },
      axes: [
        { ...axis, values: (u, places) => places.map(size.width < 600 ? (place) => iso(place).slice(5) : iso), space: size.width < 600 ? 60 : 90 },
        { ...axis, size: 62, values: (u, values) => values.map((value) => value.toLocaleString("en-GB").replace("-", "\u2212")) },
      ],
      series: [
        {},
        { stroke: () => colours().accent, width: 1.8, spanGaps: false, points: { show: (u, si, i0, i1) => i1 - i0 < 40, size: 4, fill: () => colours().accent } },
        ...chart.levels.map((level) => ({ stroke: () => colours()[level.kind], width: 1, dash: [4, 3], points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) })),
      ],
      hooks: {
        drawAxes: [behind(chart)],
        draw: [above(chart)],
        setCursor: [(u) => tell(u, chart, told)],
        setScale: [(u, key) => { if (key === "x") root.dataset.shown = `${iso(u.scales.x.min)}/${iso(u.scales.x.max)}`; }],
      },
    };
  };

  /* Every leg of the session pointed at, with its as-of and the moment it was public. */
  const tell = (u, chart, told) => {
    const at = u.cursor.idx ?? chart.said.findLastIndex((said) => said);
    if (!chart.said[at]) return;
    const [first, ...legs] = chart.said[at];
    const bold = document.createElement("b");
    bold.textContent = first;
    const marked = chart.marks.filter(([place]) => place === chart.x[at]).map(([, label]) => label);
    told.replaceChildren(bold, document.createElement("br"), ...[...legs, ...marked].map((text) => {
      const part = document.createElement("span");
      part.textContent = text;
      return part;
    }));
  };

  const keys = (u, chart) => (event) => {
    const { min, max } = u.scales.x;
    const middle = (min + max) / 2;
    const zoom = (by) => u.setScale("x", { min: middle - (middle - min) * by, max: middle + (max - middle) * by });
    const move = (by) => {
      let at = u.cursor.idx ?? chart.x.length;
      do { at += by; } while (at >= 0 && at < chart.x.length && !chart.said[at]);
      if (at < 0 || at >= chart.x.length) return;
      const value = chart.y[at];
      u.setCursor({ left: u.valToPos(chart.x[at], "x"), top: value === null ? 0 : u.valToPos(value, "y") });
    };
    const does = {
      ArrowLeft: () => move(-1), ArrowRight: () => move(1), "+": () => zoom(0.6), "-": () => zoom(1 / 0.6),
      0: () => u.setScale("x", { min: chart.x[0], max: chart.x[chart.x.length - 1] }),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  };

  const start = (root) => {
    const chart = JSON.parse(root.dataset.chart);
    const size = () => ({ width: root.clientWidth, height: root.clientWidth < 600 ? 270 : 320 });
    const live = document.createElement("div");
    live.className = "live";
    live.tabIndex = 0;
    live.setAttribute("role", "group");
    live.setAttribute("aria-label", root.querySelector("svg").getAttribute("aria-label") + " Arrows move from session to session.");
    const told = document.createElement("p");
    told.className = "told";
    told.setAttribute("aria-live", "polite");
    const drawn = [chart.x, chart.y, ...chart.levels.map((level) => chart.x.map((x) => heldAt(level.points, x)))];
    root.prepend(live, told);
    root.classList.add("is-live");
    const u = new uPlot(options(chart, root, told, size()), drawn, live);
    tell(u, chart, told);
    live.addEventListener("keydown", keys(u, chart));
    new ResizeObserver(() => { if (root.clientWidth !== u.width) u.setSize(size()); }).observe(root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => u.redraw());
    performance.mark("chart-drawn");
  };

  const all = () => {
    if (typeof uPlot !== "function") return;
    document.querySelectorAll(".chart[data-chart]:not(.is-live)").forEach(start);
    document.querySelectorAll(".scripted").forEach((hint) => { hint.hidden = false; });
  };
  all();
  document.addEventListener("htmx:after:swap", all);

  /* "e" explains, "l" shows the SQL: whatever says which of the page it opens. */
  const opens = (link) => {
    const target = document.getElementById(link.dataset.opens);
    target.open = true;
    target.scrollIntoView({ block: "start" });
    target.querySelector("summary").focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-opens]");
    if (!link) return;
    event.preventDefault();
    opens(link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const link = document.querySelector(`[data-opens][title="key ${CSS.escape(event.key)}"]`);
    if (link) opens(link);
  });
})();
