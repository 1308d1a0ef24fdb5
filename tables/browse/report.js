// The page of `airshower compare`.
(() => {
  const { byId, element, isNumber, short } = airshower;

  // Tables: a heading sorts by its column, by `data-v` where cells have it.
  for (const table of document.querySelectorAll("table")) {
    table.classList.add("sortable");
    const body = table.tBodies[0], headings = table.tHead.rows[0].querySelectorAll("th");
    // On a phone a row is a list, each value with its heading.
    if (headings.length > 4) {
      table.classList.add("wide");
      for (const row of body.rows)
        for (const cell of row.cells) cell.dataset.label = headings[cell.cellIndex].textContent;
    }
    headings.forEach((heading, column) => {
      const sort = () => {
        const falling = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach(other => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const key = row => { const cell = row.cells[column];
          return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v); };
        const rows = Array.from(body.rows);
        rows.sort((a, b) => { const x = key(a), y = key(b);
          if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
          const order = typeof x === "number" ? x - y : x.localeCompare(y);
          return falling ? -order : order; });
        rows.forEach(row => body.appendChild(row));
      };
      heading.tabIndex = 0;
      heading.addEventListener("click", sort);
      heading.addEventListener("keydown", key => {
        if (key.key !== "Enter" && key.key !== " ") return;
        key.preventDefault();
        sort();
      });
    });
  }

  const stored = byId("plots");
  if (!stored) return;
  const all = JSON.parse(stored.textContent);
  document.documentElement.classList.add("interactive");

  const quoted = text => "'" + text.replaceAll("'", "'\\''") + "'";
  const files = all.files.map(name => quoted(name.startsWith("-") ? "./" + name : name)).join(" ");

  // The events of a bin, as commands that open them.
  function list(title, condition, ids, count) {
    byId("bin-title").textContent = title;
    const lines = [];
    if (condition) lines.push("airshower browse " + files + " --where " + quoted(condition));
    if (ids.length) lines.push("airshower browse " + files + " --events " + ids.join(","));
    byId("bin-note").textContent = !count ? "No event is in this bin."
      : (condition ? "The condition chooses all events of the bin, before the cuts. " : "")
        + (ids.length ? (ids.length < count ? "The list has the first " + ids.length + " of "
          : "The list has all ") + count + " compared events." : "");
    byId("bin").value = count ? lines.join("\n") : "";
    byId("bin").rows = Math.max(2, 2 * lines.length);
  }

  // A plot of all methods with buttons that hide them. `bins` has the ends of each bin.
  class Plot {
    constructor(id, isShown) {
      this.target = byId(id);
      this.readout = byId(id + "-readout");
      this.bar = byId(id + "-methods");
      this.shown = all.methods.map(isShown);
      this.chosen = 0;
      this.target.addEventListener("keydown", key => this.press(key));
      window.addEventListener("resize", () => this.plot && this.plot.setSize(this.size()));
    }

    size() {
      const width = Math.max(this.target.clientWidth, 240);
      return { width, height: Math.round(Math.min(Math.max(0.42 * width, 240), 420)) };
    }

    // `content`: bins, label of x, series of values, low and high ends, unit, isStepped, isSigned,
    // about(bin), list(bin).
    show(content) {
      this.content = content;
      this.chosen = Math.min(this.chosen, content.bins.length - 1);
      const ends = content.bins.map(bin => bin[0]).concat(content.bins.at(-1)[1]);
      const xs = content.isStepped ? ends : content.bins.map(bin => (bin[0] + bin[1]) / 2);
      const values = content.isStepped
        ? content.values.map(list => list.concat(list.at(-1))) : content.values;
      if (this.plot) this.plot.destroy();
      this.plot = new uPlot({
        ...this.size(), legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false,
          points: content.isStepped ? { show: false } : {} },
        scales: { x: { time: false, range: () => [ends[0], ends.at(-1)] },
          y: { range: () => this.range(values) } },
        axes: [{ label: content.label, stroke: "#222" },
          { label: content.unit, size: 66, stroke: "#222" }],
        series: [{}].concat(all.methods.map((method, index) => ({
          label: method.name, stroke: method.colour, show: this.shown[index],
          width: method.isLeading ? 2.2 : 1.4,
          dash: method.isLeading ? [] : [[6, 3], [2, 3], [9, 3, 2, 3]][index % 3],
          points: { show: !content.isStepped, size: method.isLeading ? 7 : 5 },
          paths: content.isStepped ? uPlot.paths.stepped({ align: 1 }) : undefined }))),
        hooks: {
          drawClear: [plot => this.drawBands(plot, xs)],
          setCursor: [plot => {
            if (plot.cursor.left >= 0) this.choose(this.binAt(plot.posToVal(plot.cursor.left, "x")));
          }]
        }
      }, [xs, ...values], this.target);
      this.plot.over.addEventListener("click", () => content.list(this.chosen));
      this.makeButtons();
      this.target.setAttribute("aria-label", content.title + " against " + content.label
        + ". Arrow keys go from bin to bin, Enter lists the events of a bin.");
      this.target.setAttribute("aria-valuemin", 1);
      this.target.setAttribute("aria-valuemax", content.bins.length);
      this.choose(this.chosen);
    }

    range(values) {
      const seen = [];
      all.methods.forEach((method, index) => {
        if (!this.shown[index]) return;
        seen.push(...values[index]);
        if (method.isLeading && this.content.low)
          seen.push(...this.content.low[index], ...this.content.high[index]);
      });
      const numbers = seen.filter(isNumber);
      const line = isNumber(this.content.line) ? [this.content.line] : [];
      const high = Math.max(...numbers, ...line, 1e-9), low = Math.min(...numbers, ...line, high);
      const margin = 0.06 * (high - Math.min(low, 0));
      return this.content.isSigned ? [low - margin, high + margin] : [0, high + margin];
    }

    // 95 % intervals of the leading methods, and the line of no change.
    drawBands(plot, xs) {
      const { ctx, bbox } = plot, { low, high, line } = this.content;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      if (isNumber(line)) {
        const y = plot.valToPos(line, "y", true);
        ctx.strokeStyle = "#666";
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
      }
      all.methods.forEach((method, index) => {
        if (!low || !method.isLeading || !this.shown[index]) return;
        const places = xs.map((_, place) => place).filter(place => isNumber(low[index][place]));
        if (places.length < 2) return;
        const at = (ends, place) =>
          [plot.valToPos(xs[place], "x", true), plot.valToPos(ends[index][place], "y", true)];
        ctx.globalAlpha = 0.18;
        ctx.fillStyle = method.colour;
        ctx.beginPath();
        places.forEach(place => ctx.lineTo(...at(low, place)));
        places.reverse().forEach(place => ctx.lineTo(...at(high, place)));
        ctx.fill();
      });
      ctx.restore();
    }

    makeButtons() {
      if (this.buttons) return;
      this.buttons = all.methods.map((method, index) => {
        const swatch = element("span", { class: "swatch" });
        swatch.style.background = method.colour;
        const button = element("button", { type: "button", "aria-pressed": this.shown[index] },
          swatch, method.name);
        button.addEventListener("click", () => {
          this.shown[index] = !this.shown[index];
          button.setAttribute("aria-pressed", this.shown[index]);
          this.plot.setSeries(index + 1, { show: this.shown[index] });
          this.choose(this.chosen);
        });
        return button;
      });
      this.bar.replaceChildren(...this.buttons);
    }

    binAt(x) {
      const place = this.content.bins.findIndex(bin => x < bin[1]);
      return place < 0 ? this.content.bins.length - 1 : place;
    }

    choose(bin) {
      this.chosen = bin;
      const { values, low, high } = this.content;
      const numbers = all.methods.map((method, index) => {
        if (!this.shown[index] || !isNumber(values[index][bin])) return null;
        const interval = low && isNumber(low[index][bin])
          ? " (" + short(low[index][bin]) + " to " + short(high[index][bin]) + ")" : "";
        return method.name + " " + short(values[index][bin]) + interval;
      }).filter(Boolean);
      this.readout.textContent = this.content.about(bin) + ": " + (numbers.join("; ") || "–");
      this.target.setAttribute("aria-valuenow", bin + 1);
      this.target.setAttribute("aria-valuetext", this.readout.textContent);
    }

    press(key) {
      const last = this.content.bins.length - 1;
      const bin = { ArrowRight: Math.min(this.chosen + 1, last), Home: 0, End: last,
        ArrowLeft: Math.max(this.chosen - 1, 0) }[key.key];
      if (bin !== undefined) this.choose(bin);
      else if (key.key === "Enter") this.content.list(this.chosen);
      else return;
      key.preventDefault();
    }
  }

  const curves = new Plot("curves", () => true);
  const histogram = new Plot("histogram", method => method.isLeading);
  const range = (low, high) => short(low) + " to " + short(high);
  const fillSelect = (id, names) =>
    byId(id).replaceChildren(...names.map((name, value) => element("option", { value }, name)));

  function showCurves() {
    const curve = all.curves[byId("curve").value], place = byId("axis").value;
    const axis = all.axes[place], values = curve.values[place];
    const about = bin => axis.label + " " + range(axis.low[bin], axis.high[bin]) + ", "
      + axis.events[bin] + " events";
    curves.show({
      title: curve.title, label: axis.label, unit: curve.unit, isSigned: curve.isSigned === 1,
      line: curve.unit === "ratio" ? 1 : curve.isSigned ? 0 : null,
      bins: axis.low.map((low, bin) => [low, axis.high[bin]]),
      values: values.map(method => method.map(bin => bin[0])),
      low: values.map(method => method.map(bin => bin[1])),
      high: values.map(method => method.map(bin => bin[2])), about,
      list: bin => list(about(bin), axis.where[bin], axis.ids[bin], axis.events[bin])
    });
  }

  function showHistogram() {
    const errors = all.histograms[byId("quantity").value], of = Number(byId("of").value);
    const unit = errors.unit === "1" ? "" : " [" + errors.unit + "]";
    const end = bin => Number((errors.low + bin * errors.width).toPrecision(7));
    const about = bin => errors.title + unit + " " + range(end(bin), end(bin + 1));
    histogram.show({
      title: "events", label: errors.title + unit, unit: "events", isSigned: false,
      isStepped: true, bins: errors.counts[0].map((_, bin) => [end(bin), end(bin + 1)]),
      values: errors.counts, about,
      list: bin => {
        const name = errors.names[of];
        list(about(bin) + " by " + all.methods[of].name, name ? name + " >= " + end(bin) + " && "
          + name + " < " + end(bin + 1) + (errors.group ? " && " + errors.group : "") : null,
        errors.ids[of][bin], Math.round(errors.counts[of][bin]));
      }
    });
  }

  fillSelect("curve", all.curves.map(curve => curve.title));
  fillSelect("axis", all.axes.map(axis => axis.label));
  fillSelect("quantity", all.histograms.map(errors => errors.title));
  fillSelect("of", all.methods.map(method => method.name));
  byId("of").value = all.methods.findLastIndex(method => method.isLeading);
  for (const id of ["curve", "axis"]) byId(id).addEventListener("change", showCurves);
  for (const id of ["quantity", "of"]) byId(id).addEventListener("change", showHistogram);
  byId("bin").addEventListener("focus", () => byId("bin").select());
  if (all.axes.length) showCurves();
  showHistogram();
  document.documentElement.dataset.ready = Math.round(performance.now());
})();
