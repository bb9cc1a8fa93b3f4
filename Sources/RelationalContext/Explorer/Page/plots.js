'use strict';
// The two plots: the context path with its handles, and the map of confidence.

function svg(tag, attributes = {}, text = '') {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== '') element.textContent = text;
  return element;
}

/** A linear scale from numbers to places in the drawing. */
function scaleOf([from, to], [start, end]) {
  return {
    to: (value) => start + ((value - from) / (to - from)) * (end - start),
    from: (place) => from + ((place - start) / (end - start)) * (to - from),
  };
}

function niceTicks([low, high], about) {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({length: Math.max(count, 0)}, (_, i) => (first + i) * step);
}

function tickText(value) {
  return String(Number(value.toPrecision(3)));
}

/** Where in the drawing's own units an event happened. */
function placeOf(event, element) {
  const box = element.getBoundingClientRect();
  const {width, height} = element.viewBox.baseVal;
  return [
    ((event.clientX - box.left) / box.width) * width,
    ((event.clientY - box.top) / box.height) * height
  ];
}

/** A smooth line through points whose x rises or not (Catmull and Rom). */
function smoothLine(points) {
  const at = (i) => points[Math.min(Math.max(i, 0), points.length - 1)];
  const text = ([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`;
  return points.slice(1).reduce((path, end, i) => {
    const [a, b, c, d] = [at(i - 1), at(i), end, at(i + 2)];
    const first = b.map((v, n) => v + (c[n] - a[n]) / 6);
    const second = c.map((v, n) => v - (d[n] - b[n]) / 6);
    return `${path} C ${text(first)} ${text(second)} ${text(c)}`;
  }, `M ${text(points[0])}`);
}

/** A small picture of confidence, one pixel a cell, stretched by whoever shows it. */
class GlowPicture {
  constructor(width, height) {
    this.canvas = document.createElement('canvas');
    this.canvas.width = width;
    this.canvas.height = height;
    this.context = this.canvas.getContext('2d');
    this.pixels = this.context.createImageData(width, height);
  }

  set(x, y, glow, [faded, glowing]) {
    const at = 4 * (y * this.canvas.width + x);
    for (let d = 0; d < 3; d += 1)
      this.pixels.data[at + d] = faded[d] + glow * (glowing[d] - faded[d]);
    this.pixels.data[at + 3] = 255;
  }

  get url() {
    this.context.putImageData(this.pixels, 0, 0);
    return this.canvas.toDataURL();
  }
}

/** The frame, ticks and titles that both plots have. */
class Plot {
  constructor(element, {left = 38, right = 8, top = 8, bottom = 30}, titles) {
    this.element = element;
    const {width, height} = element.viewBox.baseVal;
    this.box = {left, right: width - right, top, bottom: height - bottom};
    this.titles = titles;
    this.image = svg('image', {
      x: left,
      y: top,
      width: this.box.right - left,
      height: this.box.bottom - top,
      preserveAspectRatio: 'none',
    });
    this.axes = svg('g');
    this.marks = svg('g');
    const clip = svg('clipPath', {id: `${element.id}-clip`});
    clip.append(
        svg('rect',
            {x: left, y: top, width: this.box.right - left, height: this.box.bottom - top, rx: 6}));
    this.image.setAttribute('clip-path', `url(#${element.id}-clip)`);
    element.append(clip, this.image, this.axes, this.marks);
  }

  scales(xRange, yRange) {
    this.x = scaleOf(xRange, [this.box.left, this.box.right]);
    this.y = scaleOf(yRange, [this.box.bottom, this.box.top]);
    const {left, right, top, bottom} = this.box;
    const frame =
        svg('rect',
            {class: 'frame', x: left, y: top, width: right - left, height: bottom - top, rx: 6});
    const across = niceTicks(xRange, 6).map(
        (value) =>
            svg('text', {x: this.x.to(value), y: bottom + 13, 'text-anchor': 'middle'},
                tickText(value)),
    );
    const upward = niceTicks(yRange, 4).map(
        (value) => svg(
            'text', {x: left - 5, y: this.y.to(value) + 4, 'text-anchor': 'end'}, tickText(value)),
    );
    const middle = (top + bottom) / 2;
    this.axes.replaceChildren(
        frame,
        ...across,
        ...upward,
        svg('text', {x: (left + right) / 2, y: bottom + 26, 'text-anchor': 'middle'},
            this.titles[0]),
        svg('text',
            {x: 9, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 9 ${middle})`},
            this.titles[1]),
    );
  }
}

/** Context over morphology at the present time. `moved(row, change, done)` hears of every drag. */
class PathPlot extends Plot {
  constructor(element, titles, rows, moved) {
    super(element, {}, titles);
    this.moved = moved;
    this.handles = Array.from({length: rows}, (_, row) => this.handle(row));
    this.lines = svg('g');
    this.marks.append(this.lines, ...this.handles);
  }

  handle(row) {
    const group =
        svg('g', {tabindex: 0, role: 'slider', 'aria-orientation': 'vertical', class: 'held'});
    group.append(svg('circle', {class: 'grip', r: 15}), svg('circle', {class: 'handle', r: 5.5}));
    group.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      group.focus({preventScroll: true});
      group.setPointerCapture(event.pointerId);
      this.drag = {row, at: placeOf(event, this.element)[1]};
    });
    group.addEventListener('pointermove', (event) => {
      if (this.drag?.row !== row) return;
      const at = placeOf(event, this.element)[1];
      const change = this.y.from(at) - this.y.from(this.drag.at);
      this.drag.at = at;
      this.moved(row, change, false);
    });
    const end = () => {
      if (this.drag?.row !== row) return;
      this.drag = null;
      this.moved(row, 0, true);
    };
    group.addEventListener('pointerup', end);
    group.addEventListener('pointercancel', end);
    group.addEventListener('keydown', (event) => {
      const way = {ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1}[event.key];
      const home = event.key === 'Home' || event.key === 'Delete';
      if ((!way && !home) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const step = (this.range[1] - this.range[0]) / (event.shiftKey ? 20 : 100);
      this.moved(row, home ? null : way * step, true);
    });
    return group;
  }

  /** Curves are lists of [morphology, context]; each trace has its template's colour. */
  update({path, traces, morphologies, range, labels}) {
    if (!this.drag) {
      this.range = range;
      this.scales(morphologies, range);
    }
    const place = ([m, c]) => [this.x.to(m), this.y.to(c)];
    this.lines.replaceChildren(
        ...traces.flatMap(({curve, color}) => {
          const d = smoothLine(curve.map(place));
          return [
            svg('path', {class: 'halo', d}),
            svg('path', {class: 'trace', d, style: `--tone: ${color}`})
          ];
        }),
        svg('path', {class: 'present', d: smoothLine(path.map(place))}),
    );
    const {left, right, top, bottom} = this.box;
    path.forEach((point, row) => {
      const [x, y] = place(point);
      const inside = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
      const group = this.handles[row];
      group.setAttribute('transform', `translate(${inside.map((v) => v.toFixed(2)).join(' ')})`);
      group.setAttribute('aria-label', labels[row]);
      group.setAttribute('aria-valuenow', point[1].toFixed(3));
      group.setAttribute('aria-valuemin', this.range[0].toFixed(3));
      group.setAttribute('aria-valuemax', this.range[1].toFixed(3));
    });
  }
}

/** Confidence over time and blend; `moved([time, blend], done)` hears of clicks, drags and keys. */
class ConfidenceMap extends Plot {
  constructor(element, titles, xRange, yRange, moved) {
    super(element, {}, titles);
    this.ranges = [xRange, yRange];
    this.scales(xRange, yRange);
    this.spot = svg('circle', {class: 'spot', r: 6});
    this.rules = svg('g');
    this.marks.append(this.rules, this.spot);
    const clamp = (value, [low, high]) => Math.min(Math.max(value, low), high);
    const go = (event, done) => {
      const [x, y] = placeOf(event, element);
      moved([clamp(this.x.from(x), xRange), clamp(this.y.from(y), yRange)], done);
    };
    element.addEventListener('pointerdown', (event) => {
      element.setPointerCapture(event.pointerId);
      this.dragging = true;
      go(event, false);
    });
    element.addEventListener('pointermove', (event) => this.dragging && go(event, false));
    element.addEventListener('pointerup', (event) => {
      this.dragging = false;
      go(event, true);
    });
    element.addEventListener('pointercancel', () => (this.dragging = false));
    element.addEventListener('keydown', (event) => {
      const way = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [
                     0, -1
                   ]}[event.key];
      if (!way || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const steps = event.shiftKey ? 10 : 50;
      const next =
          this.at.map((v, i) => v + (way[i] * (this.ranges[i][1] - this.ranges[i][0])) / steps);
      moved(next.map((v, i) => clamp(v, this.ranges[i])), true);
    });
  }

  /** Lines across at the templates' own places, and the present point. */
  update([time, blend], templates) {
    this.at = [time, blend];
    this.spot.setAttribute('cx', this.x.to(time));
    this.spot.setAttribute(
        'cy', Math.min(Math.max(this.y.to(blend), this.box.top), this.box.bottom));
    this.rules.replaceChildren(
        ...templates.flatMap(([name, value]) => {
          const y = this.y.to(value);
          return [
            svg('line', {class: 'grid', x1: this.box.left, x2: this.box.right, y1: y, y2: y}),
            svg('text', {class: 'name', x: this.box.left + 6, y: y - 4},
                name.length > 24 ? `${name.slice(0, 23)}…` : name),
          ];
        }),
    );
  }
}
