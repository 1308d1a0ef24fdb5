// The page of `airshower browse`. All names come from files: they are set as text, never as markup.
(() => {
  const { byId, element, isNumber, short } = airshower;
  const head = JSON.parse(byId("head").textContent);
  const { colours, truthColour } = head;
  const partNames = ["in the fit", "saturated", "out of time", "not used", "silent", "", "dead"];
  const partColours = ["#222222", "#222222", "#b35c00", "#8c8c8c", "#8c8c8c", "#8c8c8c", "#b00020"];

  function drawn(tag, attributes = {}, title) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (title) {
      const inner = document.createElementNS("http://www.w3.org/2000/svg", "title");
      inner.textContent = title;
      made.append(inner);
    }
    return made;
  }
  // Two digits of the error: "34.5 ± 3.1".
  function measured(value, sigma, decimals) {
    if (!isNumber(value)) return "–";
    if (!isNumber(sigma) || sigma <= 0)
      return decimals === undefined ? short(value) : value.toFixed(decimals);
    const places = Math.min(Math.max(1 - Math.floor(Math.log10(sigma)), 0), 4);
    return value.toFixed(places) + " ± " + sigma.toFixed(places);
  }

  // The table: only the rows in sight are made. A source has the events: those of the page, or a
  // server. A row has `index` among all events, `file` and `values`. Sources call `done`, at once
  // where they can.
  const rowHeight = 26;
  const columns = head.columns;
  const filters = columns.map(() => "");
  let sorting = null;
  let count = head.total;
  let current = null;
  let place = -1;
  const body = byId("rows");
  const box = byId("table");
  const cellText = (column, value) =>
    column.words && value !== null && column.words[value] !== undefined
      ? column.words[value] : short(value);

  // Marked events: number and file, by index.
  const storeKey = "airshower " + head.key;
  let marks = new Map();
  try { marks = new Map(JSON.parse(localStorage.getItem(storeKey) || "[]").filter(Array.isArray)); }
  catch { }

  // `>50`, `<=3`, `=17`, `!=0`, `10..20`, several between spaces; other text is searched for.
  // The server reads the same.
  function test(column, text) {
    const tests = text.trim().split(/\s+/).filter(Boolean).map(part => {
      const range = part.match(/^(-?[\d.]+)\.\.(-?[\d.]+)$/);
      if (range) return v => isNumber(v) && v >= +range[1] && v <= +range[2];
      const single = part.match(/^(>=|<=|!=|>|<|==?)(-?[\d.]+(?:e-?\d+)?)$/i);
      if (single) {
        const limit = Number(single[2]);
        return { ">": v => isNumber(v) && v > limit, "<": v => isNumber(v) && v < limit,
          ">=": v => isNumber(v) && v >= limit, "<=": v => isNumber(v) && v <= limit,
          "!=": v => v !== limit }[single[1]] || (v => v === limit);
      }
      const wanted = part.toLowerCase();
      return v => cellText(column, v).toLowerCase().includes(wanted);
    });
    return value => tests.every(t => t(value));
  }

  // Events that stand in the page.
  function stored() {
    const text = byId("events").textContent;
    const starts = [];
    let order = head.rows.map((_, index) => index);
    const row = index => ({ index, file: head.fileOf[index], values: head.rows[index] });
    // A line an event; the first begins after a line break.
    for (let at = text.indexOf("{"); at > 0; at = text.indexOf("\n", at) + 1) {
      if (text[at] !== "{") break;
      starts.push(at);
    }
    return {
      arrange(only, index, done) {
        const tests = filters.map((text, column) => text.trim() ? test(columns[column], text) : null);
        order = [];
        head.rows.forEach((values, index) => {
          if (only && !only.has(index)) return;
          for (let column = 0; column < tests.length; column += 1)
            if (tests[column] && !tests[column](values[column])) return;
          order.push(index);
        });
        if (sorting) {
          const { column, sign } = sorting;
          order.sort((a, b) => {
            const [x, y] = [head.rows[a][column], head.rows[b][column]];
            if (!isNumber(x) || !isNumber(y)) return isNumber(x) ? -1 : isNumber(y) ? 1 : a - b;
            return sign * (x - y) || a - b;
          });
        }
        done(order.length, order.indexOf(index));
      },
      rows: (first, count, done) => done(order.slice(first, first + count).map(row)),
      event: (index, done) => done(JSON.parse(
        text.slice(starts[index], text.indexOf("\n", starts[index])))),
      find(number, file, done) {
        const index = head.rows.findIndex((values, place) =>
          values[0] === number && (head.files.length === 1 || head.fileOf[place] === file));
        done(index < 0 ? null : row(index), order.indexOf(index));
      }
    };
  }

  // Events that the server of the page has.
  function served() {
    const waiting = {};
    // Only the last request of a kind counts.
    function ask(kind, query, done) {
      const turn = waiting[kind] = (waiting[kind] || 0) + 1;
      fetch(kind + "?" + query).then(answer => answer.ok ? answer.json() : Promise.reject())
        .then(answer => { if (turn === waiting[kind]) done(answer); })
        .catch(() => { byId("message").textContent = "The server does not answer: it has ended."; });
    }
    let view = "";
    const row = values => ({ index: values[0], file: values[1], values: values.slice(2) });
    return {
      arrange(only, index, done) {
        const parts = filters.map((text, column) =>
          text.trim() ? "filter=" + column + ":" + encodeURIComponent(text) : "");
        if (sorting) parts.push("sort=" + sorting.column, "sign=" + sorting.sign);
        if (only) parts.push("only=" + [...only.keys()].join(","));
        view = parts.filter(Boolean).join("&");
        ask("view", view + "&index=" + index, answer => done(answer.count, answer.place));
      },
      rows: (first, count, done) => ask(count === 1 ? "row" : "rows",
        view + "&first=" + first + "&count=" + count, answer => done(answer.map(row))),
      event: (index, done) => ask("event", "index=" + index, done),
      find: (number, file, done) => ask("find", view + "&event=" + number + "&file=" + file,
        answer => done(answer.row && row(answer.row), answer.place))
    };
  }
  const source = head.rows ? stored() : served();

  function arrange() {
    const only = byId("only-marked").checked ? marks : null;
    source.arrange(only, current ? current.index : -1, (found, at) => {
      [count, place] = [found, at];
      tellCount();
      fill();
    });
  }

  function tellCount() {
    byId("count").textContent = count + " of " + head.total + " events, " + marks.size + " marked";
  }

  function fill() {
    const above = byId("heading").offsetHeight;
    const first = Math.max(Math.floor(box.scrollTop / rowHeight) - 5, 0);
    const size = Math.ceil((box.clientHeight - above) / rowHeight) + 10;
    source.rows(first, Math.max(size, 2), shown => {
      const space = height => {
        const made = element("tr", { class: "space" },
          element("td", { colspan: columns.length + 1 }));
        made.style.height = height + "px";
        return made;
      };
      body.replaceChildren(space(first * rowHeight), ...shown.map((event, offset) => {
        const row = element("tr", { "aria-selected": current !== null
          && event.index === current.index });
        row.append(element("td", {}, marks.has(event.index) ? "★" : ""));
        columns.forEach((column, place) =>
          row.append(element("td", {}, cellText(column, event.values[place]))));
        row.addEventListener("click", () => choose(event, first + offset));
        return row;
      }), space(Math.max(count - first - shown.length, 0) * rowHeight));
    });
  }

  function makeHeading() {
    const row = byId("heading");
    row.append(element("th", { scope: "col" }, "★"));
    columns.forEach((column, place) => {
      const button = element("button", { type: "button", title: column.meaning }, column.name);
      const unit = element("small", {}, column.unit === "1" ? "\u00a0" : column.unit);
      const filter = element("input", { "aria-label": "filter " + column.name,
        placeholder: place === 1 ? ">50" : "" });
      const cell = element("th", { scope: "col" }, button, unit, filter);
      button.addEventListener("click", () => {
        const sign = sorting && sorting.column === place && sorting.sign === 1 ? -1 : 1;
        sorting = { column: place, sign };
        row.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
        box.scrollTop = 0;
        arrange();
      });
      filter.addEventListener("input", () => {
        filters[place] = filter.value;
        box.scrollTop = 0;
        arrange();
      });
      row.append(cell);
    });
  }

  function bringIntoSight() {
    if (place < 0) return;
    const above = byId("heading").offsetHeight, y = place * rowHeight;
    if (y < box.scrollTop) box.scrollTop = y;
    else if (y + rowHeight + above > box.scrollTop + box.clientHeight)
      box.scrollTop = y + rowHeight + above - box.clientHeight;
  }

  // Choosing an event, by table, keys or address.
  const addressOf = event => "#event=" + event.values[0]
    + (head.files.length > 1 ? "&file=" + (event.file + 1) : "");

  function choose(event, at, keepsAddress) {
    [current, place] = [event, at];
    if (!keepsAddress) history.replaceState(null, "", addressOf(current));
    bringIntoSight();
    fill();
    source.event(event.index, draw);
  }

  function step(by) {
    if (!count) return;
    const next = Math.min(Math.max(place < 0 ? 0 : place + by, 0), count - 1);
    source.rows(next, 1, ([event]) => { if (event) choose(event, next); });
  }

  // Whether the address names an event; `otherwise` where the page has none such.
  function fromAddress(otherwise) {
    const parts = new URLSearchParams(location.hash.slice(1));
    if (!parts.has("event")) return false;
    const number = Number(parts.get("event")), file = Number(parts.get("file") || 1) - 1;
    source.find(number, file, (event, at) => {
      byId("message").textContent = event ? "" : "No event " + number + " on this page.";
      if (event) choose(event, at, true);
      else if (otherwise) otherwise();
    });
    return true;
  }

  function mark() {
    if (!current) return;
    if (!marks.delete(current.index))
      marks.set(current.index, [current.values[0], head.files[current.file]]);
    try { localStorage.setItem(storeKey, JSON.stringify([...marks])); } catch { }
    if (byId("only-marked").checked) arrange();
    else {
      tellCount();
      fill();
    }
    byId("mark").setAttribute("aria-pressed", marks.has(current.index));
  }

  // A text as a field of a CSV file that no spreadsheet takes for a formula.
  function field(text) {
    const safe = /^[=+\-@]/.test(text) ? "'" + text : text;
    return /[",\n]/.test(safe) ? "\"" + safe.replaceAll("\"", "\"\"") + "\"" : safe;
  }

  function marksAsText() {
    const chosen = [...marks].sort(([a], [b]) => a - b).map(([, event]) => event);
    return "event,file\n" + chosen.map(([number, file]) => number + "," + field(file) + "\n").join("");
  }

  function saveMarks() {
    const link = element("a", { download: "marks.csv",
      href: URL.createObjectURL(new Blob([marksAsText()], { type: "text/csv" })) });
    document.body.append(link);
    link.click();
    link.remove();
  }

  // The event.
  let plots = [];
  let watcher = null;
  let event = null;
  let isClose = false;

  function draw(content) {
    if (content) event = content;
    if (!event) return;
    plots.forEach(plot => plot.destroy());
    plots = [];
    byId("title").textContent = "Event " + current.values[0];
    byId("state").textContent = event.state
      + (head.files.length > 1 ? " — " + head.files[current.file] : "");
    byId("link").setAttribute("href", addressOf(current));
    byId("mark").setAttribute("aria-pressed", marks.has(current.index));
    drawMethods();
    drawFootprint();
    drawLateral();
    drawFront();
    drawWaveforms();
  }

  function drawMethods() {
    const titles = ["method", "result", "E [EeV]", "zenith [°]", "azimuth [°]", "core east [m]",
      "core north [m]"];
    if (event.truth) titles.push("angle to truth [°]", "ln(E/E_true)", "core to truth [m]");
    const rows = event.methods.map((m, index) => {
      const v = m.values;
      const name = element("td", {}, element("span", { class: "swatch" }), head.methods[index]);
      name.firstChild.style.background = colours[index % colours.length];
      const cells = v ? [measured(v[0], v[1]), measured(v[2], v[3], 2), measured(v[4], v[5], 1),
        measured(v[6], v[7], 0), measured(v[8], v[9], 0)] : [];
      if (v && event.truth) cells.push(...m.errors.map(short));
      const result = element("td", m.note ? { class: "kept" } : {}, m.note || "good");
      return element("tr", {}, name, result, ...cells.map(text => element("td", {}, text)));
    });
    if (event.truth) {
      const t = event.truth;
      const name = element("td", {}, element("span", { class: "swatch" }), "truth");
      name.firstChild.style.background = truthColour;
      rows.push(element("tr", {}, name, element("td", { class: "truth" }, t.text), ...[t.values[0], t.values[1], t.values[2], t.values[3],
        t.values[4]].map(v => element("td", {}, short(v)))));
    }
    byId("methods").replaceChildren(
      element("thead", {}, element("tr", {},
        ...titles.map(title => element("th", { scope: "col" }, title)))),
      element("tbody", {}, ...rows));
  }

  const stationName = s => String(head.stations[s[0]][0]);
  function describe(s) {
    return stationName(s) + " (" + partNames[s[1]] + "): S = " + measured(s[2], s[3])
      + " VEM/m²" + (isNumber(s[10]) ? ", fit " + short(s[10]) : "")
      + (isNumber(s[7]) ? ", pull " + short(s[7]) : "")
      + (isNumber(s[6]) ? "; r = " + Math.round(s[6]) + " m" : "")
      + (isNumber(s[4]) ? "; delay " + measured(s[4], s[5], 0) + " ns" : "")
      + (isNumber(s[8]) ? ", residual " + Math.round(s[8]) + " ns" : "");
  }

  function highlight(station) {
    document.querySelectorAll(".chosen").forEach(other => other.classList.remove("chosen"));
    document.querySelectorAll("[data-station=\"" + station[0] + "\"]")
      .forEach(part => part.classList.add("chosen"));
    byId("about-station").textContent = describe(station);
  }

  function drawFootprint() {
    const places = event.stations.map(s => head.stations[s[0]]);
    const cores = event.methods.filter(m => m.values && isNumber(m.values[6]))
      .map(m => [m.values[6], m.values[8]]);
    if (event.truth) cores.push([event.truth.values[3], event.truth.values[4]]);
    const near = event.stations.filter(s => s[1] < 3).map(s => head.stations[s[0]]);
    const frame = (near.length ? near : places).map(p => [p[1], p[2]]).concat(
      near.length ? cores.filter(c => Math.abs(c[0]) < 1e6 && Math.abs(c[1]) < 1e6) : []);
    const close = isClose && cores.length ? cores : frame;
    const xs = close.map(p => p[0]), ys = close.map(p => p[1]);
    const margin = isClose && cores.length ? 60 : 1.4 * head.spacing;
    let x0 = Math.min(...xs) - margin, x1 = Math.max(...xs) + margin;
    let y0 = Math.min(...ys) - margin, y1 = Math.max(...ys) + margin;
    const side = Math.max(x1 - x0, y1 - y0);
    [x0, y0] = [(x0 + x1 - side) / 2, (y0 + y1 - side) / 2];
    const scale = 400 / side, X = x => (x - x0) * scale, Y = y => 400 - (y - y0) * scale;
    const svg = drawn("svg", { viewBox: "0 0 400 420", role: "img",
      "aria-label": "Footprint of event " + current.values[0] });
    const inside = (x, y) => x >= x0 && x <= x0 + side && y >= y0 && y <= y0 + side;
    const dead = new Set(event.dead);
    head.stations.forEach((s, index) => {
      if (!inside(s[1], s[2])) return;
      svg.append(dead.has(index)
        ? drawn("path", { d: `M${X(s[1]) - 3} ${Y(s[2]) - 3}l6 6m0 -6l-6 6`, stroke: "#b00020" },
          s[0] + ": dead")
        : drawn("circle", { cx: X(s[1]), cy: Y(s[2]), r: 2, fill: "#8c8c8c" }, s[0] + ": silent"));
    });
    const largest = Math.max(...event.stations.map(s => s[2] || 0), 1);
    const spaced = Math.min(head.spacing * scale * 0.45, 26);
    const times = event.stations.filter(s => s[1] < 2 && isNumber(s[11])).map(s => s[11]);
    const early = Math.min(...times), late = Math.max(...times);
    event.stations.slice().sort((a, b) => b[2] - a[2]).forEach(s => {
      const p = head.stations[s[0]];
      if (!inside(p[1], p[2])) return;
      const size = spaced * Math.max(Math.sqrt(Math.log1p((s[2] || 0) / 0.3)
        / Math.log1p(largest / 0.3)), 0.15);
      const share = s[1] < 2 && late > early ? (s[11] - early) / (late - early) : null;
      const fill = s[1] >= 3 ? "none" : share === null ? "#b35c00"
        : `rgb(${Math.round(68 + 185 * share)},${Math.round(1 + 230 * share)},${
          Math.round(84 - 47 * share)})`;
      const disc = drawn("circle", { cx: X(p[1]), cy: Y(p[2]), r: size, fill,
        stroke: partColours[s[1]], class: "hit", "data-station": s[0] }, describe(s));
      disc.addEventListener("click", () => {
        highlight(s);
        const card = document.querySelector(".waveforms [data-station=\"" + s[0] + "\"]");
        if (card) card.scrollIntoView({ block: "nearest" });
      });
      disc.addEventListener("pointerenter", () => highlight(s));
      svg.append(disc);
    });
    const cross = (x, y, azimuth, colour, title) => {
      if (!isNumber(x) || !inside(x, y)) return;
      svg.append(drawn("path", { stroke: colour, "stroke-width": 2.5, fill: "none",
        d: `M${X(x) - 7} ${Y(y)}h14M${X(x)} ${Y(y) - 7}v14` }, title));
      if (isNumber(azimuth)) svg.append(drawn("path", { stroke: colour, "stroke-width": 1.5,
        d: `M${X(x)} ${Y(y)}l${45 * Math.cos(azimuth * Math.PI / 180)} ${
          -45 * Math.sin(azimuth * Math.PI / 180)}` }, title + ", from where the shower came"));
    };
    event.methods.forEach((m, index) => {
      if (m.values) cross(m.values[6], m.values[8], m.values[4], colours[index % colours.length],
        head.methods[index]);
    });
    if (event.truth) cross(event.truth.values[3], event.truth.values[4], event.truth.values[2],
      truthColour, "truth");
    const bar = 10 ** Math.floor(Math.log10(side / 2));
    svg.append(drawn("path", { stroke: "#222", "stroke-width": 2, d: `M8 410h${bar * scale}` }));
    const label = drawn("text", { x: 14 + bar * scale, y: 414, "font-size": 12 });
    label.textContent = (bar >= 1000 ? bar / 1000 + " km" : bar + " m")
      + "; colour: early (dark) to late; area: ln(1 + S)";
    svg.append(label);
    byId("footprint").replaceChildren(svg);
  }

  // Points of stations and a fitted curve in one plot of uPlot.
  function pointPlot(id, title, options) {
    const target = byId(id);
    target.replaceChildren();
    const points = event.stations.filter(s => isNumber(s[6]) && options.value(s) !== null
      && isNumber(options.value(s)) && options.has(s));
    if (!points.length) {
      target.append(element("p", { class: "note" }, "No fit to draw."));
      return;
    }
    const all = options.curve.map(([x, y]) => ({ x, y, s: null }))
      .concat(points.map(s => ({ x: s[6], y: options.value(s), s }))).sort((a, b) => a.x - b.x);
    const parts = [0, 1, 2, 3];
    const data = [all.map(p => p.x), all.map(p => p.s ? null : p.y)]
      .concat(parts.map(part => all.map(p => p.s && p.s[1] === part ? p.y : null)));
    const readout = element("p", { class: "readout" }, "Point at a station. Drag to zoom, "
      + "double-click to go back.");
    const plot = new uPlot({
      width: Math.max(target.clientWidth, 200), height: 330,
      legend: { show: false }, cursor: { drag: { x: true, y: true, uni: 10 } },
      scales: { x: { time: false, distr: options.isLogarithmic ? 3 : 1 },
        y: { distr: options.isLogarithmic ? 3 : 1,
          range: options.isLogarithmic ? (u, low, high) => options.range : undefined } },
      axes: [{ label: "distance from the axis [m]" }, { label: options.label, size: 60 }],
      series: [{}, { stroke: colours[0], width: 2, spanGaps: true, points: { show: false } }]
        .concat(parts.map(part => ({ stroke: partColours[part], width: 1.3,
          paths: () => null, points: { show: true, size: part === 3 ? 6 : 8,
            fill: part === 0 || part === 2 ? partColours[part] : "#ffffff" } }))),
      hooks: {
        draw: [u => {
          const context = u.ctx;
          context.save();
          context.beginPath();
          context.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
          context.clip();
          for (const s of points) {
            const [v, sigma] = [options.value(s), options.sigma(s)];
            if (!isNumber(sigma)) continue;
            const low = options.isLogarithmic ? Math.max(v - sigma, options.range[0]) : v - sigma;
            context.strokeStyle = partColours[s[1]];
            context.beginPath();
            context.moveTo(u.valToPos(s[6], "x", true), u.valToPos(low, "y", true));
            context.lineTo(u.valToPos(s[6], "x", true), u.valToPos(v + sigma, "y", true));
            context.stroke();
          }
          context.restore();
        }],
        setCursor: [u => {
          const { left, top } = u.cursor;
          if (left < 0) return;
          let best = null, least = 40;
          for (const s of points) {
            const away = Math.hypot(u.valToPos(s[6], "x") - left,
              u.valToPos(options.value(s), "y") - top);
            if (away < least) [best, least] = [s, away];
          }
          readout.textContent = best ? describe(best)
            : "r = " + Math.round(u.posToVal(left, "x")) + " m, "
              + short(u.posToVal(top, "y")) + " " + options.unit;
          if (best) highlight(best);
        }]
      }
    }, data, target);
    plot.root.setAttribute("role", "img");
    plot.root.setAttribute("aria-label", title + " of event " + current.values[0]);
    plots.push(plot);
    target.append(readout);
  }

  function drawLateral() {
    const values = event.stations.filter(s => s[1] < 3 && s[2] > 0).map(s => s[2]);
    const [near, far] = event.lateral.length
      ? [event.lateral[0][0], event.lateral[event.lateral.length - 1][0]] : [1, Infinity];
    pointPlot("lateral", "Lateral distribution", {
      isLogarithmic: true, curve: event.lateral, value: s => s[2], sigma: s => s[3],
      has: s => s[2] > 0 && s[6] >= near && s[6] <= far, label: "S [VEM/m²]", unit: "VEM/m²",
      range: [0.5 * Math.min(...values), 3 * Math.max(...values)]
    });
  }

  function drawFront() {
    pointPlot("front", "Shower front", {
      isLogarithmic: false, curve: event.front, value: s => s[4], sigma: s => s[5],
      has: s => s[1] < 3, label: "delay behind the plane [ns]", unit: "ns"
    });
  }

  // Samples are differences as variable-length integers, in base 64.
  function samples(text) {
    const bytes = atob(text), values = [];
    let last = 0, number = 0, shift = 0;
    for (let index = 0; index < bytes.length; index += 1) {
      const byte = bytes.charCodeAt(index);
      number |= (byte & 127) << shift;
      if (byte & 128) { shift += 7; continue; }
      last += number >>> 1 ^ -(number & 1);
      values.push(last);
      number = shift = 0;
    }
    return values;
  }

  function drawWaveforms() {
    if (watcher) watcher.disconnect();
    const target = byId("waveforms");
    target.replaceChildren();
    byId("waveform-note").textContent = event.waveforms ? "" : head.waveformNote;
    if (!event.waveforms) return;
    watcher = new IntersectionObserver(entries => {
      for (const entry of entries) if (entry.isIntersecting) {
        watcher.unobserve(entry.target);
        waveformPlot(entry.target, entry.target.station);
      }
    }, { rootMargin: "300px" });
    const sorted = event.stations.slice()
      .sort((a, b) => (a[1] === 3) - (b[1] === 3) || b[2] - a[2]);
    for (const s of sorted) {
      if (!event.waveforms[s[0]]) continue;
      const card = element("div", { class: "panel", "data-station": s[0] },
        element("h3", {}, stationName(s) + " · " + (isNumber(s[6]) ? Math.round(s[6]) + " m · " : "")
          + short(s[2]) + " VEM/m² · " + partNames[s[1]]));
      card.station = s;
      target.append(card);
      watcher.observe(card);
    }
  }

  function waveformPlot(card, s) {
    const windows = event.waveforms[s[0]];
    const xs = [], layers = Array.from({ length: head.layers }, () => []);
    const origin = windows[0][0];
    for (const [start, ...stored] of windows) {
      const decoded = stored.map(layer => layer
        ? samples(layer[2]).map(v => (v - layer[0]) / layer[1]) : null);
      const count = Math.max(...decoded.map(d => d ? d.length : 0));
      for (let index = 0; index < count; index += 1) {
        xs.push((start - origin + index * head.period) / 1000);
        layers.forEach((values, layer) => values.push(decoded[layer] ? decoded[layer][index] : null));
      }
      xs.push((start - origin + count * head.period) / 1000);
      layers.forEach(values => values.push(null));
    }
    const readout = element("p", { class: "readout" });
    const names = ["upper", "lower"], strokes = ["#222222", head.lowerColour];
    const lines = [[s[11] - origin, "#222222"], [s[11] - s[8] - origin, colours[0]]];
    const plot = new uPlot({
      width: Math.max(card.clientWidth - 12, 160), height: 150, legend: { show: false },
      cursor: { drag: { x: true, y: false } }, scales: { x: { time: false } },
      axes: [{ size: 30 }, { size: 44 }],
      series: [{}].concat(layers.map((_, layer) => ({ stroke: strokes[layer], width: 1,
        paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } }))),
      hooks: {
        draw: [u => {
          for (const [time, colour] of lines) {
            const x = time / 1000;
            if (!isNumber(x) || x < u.scales.x.min || x > u.scales.x.max) continue;
            u.ctx.save();
            u.ctx.strokeStyle = colour;
            u.ctx.setLineDash([6, 4]);
            u.ctx.beginPath();
            u.ctx.moveTo(u.valToPos(x, "x", true), u.bbox.top);
            u.ctx.lineTo(u.valToPos(x, "x", true), u.bbox.top + u.bbox.height);
            u.ctx.stroke();
            u.ctx.restore();
          }
        }],
        setCursor: [u => {
          const index = u.cursor.idx;
          readout.textContent = isNumber(index) && u.cursor.left >= 0
            ? xs[index].toFixed(2) + " µs: " + layers.map((values, layer) =>
              names[layer] + " " + short(values[index])).join(", ") + " VEM" : "";
        }]
      }
    }, [xs, ...layers], card);
    plot.root.setAttribute("role", "img");
    plot.root.setAttribute("aria-label", "Waveform of station " + stationName(s));
    plots.push(plot);
    card.append(readout);
  }

  // Keys.
  document.addEventListener("keydown", key => {
    if (key.ctrlKey || key.metaKey || key.altKey) return;
    const isTyping = key.target instanceof HTMLInputElement && key.target.type !== "checkbox";
    if (isTyping) return;
    const inTable = key.target === box;
    const action = {
      n: () => step(1), p: () => step(-1), j: () => step(1), k: () => step(-1), m: mark,
      ArrowRight: () => step(1), ArrowLeft: () => step(-1),
      ArrowDown: inTable ? () => step(1) : null, ArrowUp: inTable ? () => step(-1) : null
    }[key.key];
    if (!action) return;
    key.preventDefault();
    action();
  });
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("mark").addEventListener("click", mark);
  byId("save").addEventListener("click", saveMarks);
  byId("only-marked").addEventListener("change", arrange);
  byId("close").addEventListener("click", () => {
    isClose = !isClose;
    byId("close").setAttribute("aria-pressed", isClose);
    drawFootprint();
  });
  box.addEventListener("scroll", fill);
  window.addEventListener("hashchange", () => fromAddress());
  let timer = 0;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { fill(); draw(); }, 200);
  });

  makeHeading();
  tellCount();
  fill();
  const first = () => source.rows(0, 1, ([event]) => { if (event) choose(event, 0, true); });
  if (!fromAddress(first)) first();
  document.documentElement.dataset.ready = Math.round(performance.now());
})();
