'use strict';
// What the page's two plots show of the state, and what dragging in them proposes.

extend(Page, {
  makePlots() {
    const {content} = this;
    this.pathPlot = new PathPlot(
        byId('path'), [content.mapNames[1], 'context'], content.rows,
        (...drag) => this.bend(...drag));
    this.map = new ConfidenceMap(
        byId('map'), [content.mapNames[0], 'blend'], this.timeRange, [-1, 2],
        ([time, blend], done) => {
          this.stopPlaying();
          this.propose(
              {time: rounded(time), blend: this.state.blend.with(this.mapBlend, rounded(blend))},
              {done, gesture: 'map'});
        });
    this.pathGlow = new GlowPicture(44, 30);
    this.mapGlow = new GlowPicture(34, 25);
  },

  get mapBlend() {
    return Number(byId('map-blend').value || 0);
  },

  /** A handle was moved by `change`; its neighbours follow as the brush says. */
  bend(row, change, done) {
    const k = this.state.axis;
    const width = Number(byId('brush').value);
    const handles = this.state.handles.map((handle, r) => {
      if (change === null) return r === row ? handle.with(k, 0) : handle;
      const distance = Math.abs(r - row);
      const share = width > 1 ? 1 :
          width === 0         ? Number(distance === 0) :
                                Math.exp(-distance * distance * 0.7);
      return handle.with(k, handle[k] + share * change);
    });
    this.propose({handles}, {done, gesture: done ? `bend-${row}` : null});
  },

  showPlots() {
    const {content, state, points} = this;
    const k = state.axis;
    const traces =
        this.space.traces(state.time).map((trace, n) => ({
                                            color: content.templates[n].color,
                                            curve: trace.map(
                                                (row, r) => [content.morphologies[r], row[k]]),
                                          }));
    const path = points.map((point) => [point[1], point[2 + k]]);
    const values =
        [...traces.flatMap((t) => t.curve), ...path].map(([, c]) => c).filter(Number.isFinite);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const pad = Math.max(0.25 * (high - low), 0.5 * this.largestGap());
    const morphs = [...content.morphologies, ...path.map(([m]) => m)];
    const across = [Math.min(...morphs), Math.max(...morphs)];
    if (!(across[1] > across[0])) across.splice(0, 2, across[0] - 0.5, across[0] + 0.5);
    const labels = content.morphologies.map(
        (m, r) => `Row ${r + 1} of ${content.rows}, ${content.mapNames[1]} ${tickText(m)}`);
    this.pathPlot.update(
        {path, traces, morphologies: across, range: [low - pad, high + pad], labels});
    const names = content.templates.length > 2 ? [[content.templates[this.mapBlend + 1].name, 1]] :
                                                 content.templates.map((t, n) => [t.name, n]);
    this.map.update([state.time, state.blend[this.mapBlend]], names);
    this.paintPath(across);
    this.paintMap();
  },

  get glowColors() {
    this.colors ??= ['--fade', '--glow'].map((name) => {
      const hex = this.color(name);
      return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    });
    return this.colors;
  },

  /** Behind the path: how sure of one row at each morphology and context. */
  paintPath(across) {
    const {width, height} = this.pathGlow.canvas;
    const {state, space, confidence, points, pathPlot} = this;
    const range = pathPlot.range;
    const key = JSON.stringify([state.time, state.axis, range, across, points.length]);
    if (key === this.pathKey && this.colors) return;
    this.pathKey = key;
    const middle = points[Math.floor(points.length / 2)];
    this.background.start('path', function*() {
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          const point = middle.slice();
          point[0] = state.time;
          point[1] = across[0] + ((x + 0.5) / width) * (across[1] - across[0]);
          point[2 + state.axis] = range[1] - ((y + 0.5) / height) * (range[1] - range[0]);
          const [row] = space.shape([point]);
          this.pathGlow.set(
              x, y, confidence.glow(Math.sqrt(confidence.rowSquared(row))), this.glowColors);
        }
        yield;
      }
      pathPlot.image.setAttribute('href', this.pathGlow.url);
    }.call(this));
  },

  /** Behind the map: how sure of the whole shape at each time and blend, all else as it is. */
  paintMap() {
    const {width, height} = this.mapGlow.canvas;
    const {space, confidence, map} = this;
    const index = this.mapBlend;
    const state = {...this.state, blend: this.state.blend.with(index, 0), time: 0};
    const key = JSON.stringify([state, index]);
    if (key === this.mapKey) return;
    this.mapKey = key;
    const [from, to] = this.timeRange;
    this.background.start('map', function*() {
      for (let x = 0; x < width; x += 1) {
        const time = from + ((x + 0.5) / width) * (to - from);
        for (let y = 0; y < height; y += 1) {
          const blend = state.blend.with(index, 2 - (3 * (y + 0.5)) / height);
          const rows = space.shape(space.points({...state, time, blend}));
          this.mapGlow.set(x, y, confidence.glow(confidence.distance(rows)), this.glowColors);
          yield;
        }
      }
      map.image.setAttribute('href', this.mapGlow.url);
    }.call(this));
  },
});
