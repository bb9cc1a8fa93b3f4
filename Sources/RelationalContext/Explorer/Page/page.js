'use strict';
// The page: one state, shown everywhere; every control proposes the next state.

const palettes = {
  Rose: ['#f6e2ae', '#f0a08c', '#d64a6b'],
  Apricot: ['#fbe9bb', '#f6b36a', '#e2592f'],
  Violet: ['#ece6c8', '#b79bd8', '#69489a'],
  Ivory: ['#dfe3b0', '#f5ecd9', '#fdf8ee'],
  Sky: ['#e3ead6', '#92b7dc', '#2f5f9e'],
};

const byId = (id) => document.getElementById(id);

class Page {
  constructor(content) {
    this.content = content;
    this.space = new DesignSpace(content);
    this.confidence = new Confidence(content, this.space);
    this.stage = new Stage(content, this.space);
    this.surface = new Surface(content.rows * content.columns, content.smoothedFaces);
    this.camera = new Camera();
    this.rest = restingState(content);
    this.look = {cage: 0, ghosts: 0, petals: 1, palette: 0};
    this.lookAtRest = {...this.look};
    this.background = new Background();
    this.kept = [];
    this.makeView();
    this.readAddress();
    this.history = new UndoHistory(this.state);
    this.makeControls();
    this.makePlots();
    this.listen();
    this.restoreKept();
    this.geometryChanged = true;
    this.frame(performance.now());
  }

  // MARK: State

  /** Shows `state`; with `done` it also becomes an entry of the history. */
  propose(change, {done = true, gesture = null} = {}) {
    this.state = {...this.state, ...change};
    this.geometryChanged = true;
    if (done) {
      this.history.commit(this.state, gesture);
      clearTimeout(this.gestureEnd);
      this.gestureEnd = setTimeout(() => this.history.endGesture(), 900);
      this.writeAddress();
    }
    this.request();
  }

  travel(state) {
    this.stopPlaying();
    this.state = state;
    this.geometryChanged = true;
    this.writeAddress();
    this.request();
  }

  readAddress() {
    const text = location.hash.slice(1);
    this.state = decodeState(text, this.rest);
    Object.assign(this.look, decodeState(text, this.lookAtRest));
    const rest = {view: [this.camera.azimuth, this.camera.elevation, this.camera.zoom]};
    [this.camera.azimuth, this.camera.elevation, this.camera.zoom] = decodeState(text, rest).view;
  }

  writeAddress() {
    clearTimeout(this.addressTimer);
    this.addressTimer = setTimeout(() => {
      const still = new Camera();
      const view = (camera) => ({view: [camera.azimuth, camera.elevation, camera.zoom]});
      const parts = [
        encodeState(this.state, this.rest),
        encodeState(this.look, this.lookAtRest),
        encodeState(view(this.camera), view(still)),
      ];
      this.address = `#${parts.filter((part) => part !== '').join('&')}`;
      try {
        history.replaceState(null, '', this.address);
      } catch {
        location.replace(this.address);
      }
    }, 250);
  }

  // MARK: Drawing

  makeView() {
    let canvas = byId('shape');
    const {content, surface} = this;
    const places = [];
    for (let r = 0; r < content.rows; r += 1) {
      for (let c = 0; c < content.columns; c += 1) {
        places.push(
            content.rows > 1 ? r / (content.rows - 1) : 0.5,
            content.columns > 1 ? c / (content.columns - 1) : 0.5);
      }
    }
    this.places = surface.apply(places, 2);
    try {
      if (new URLSearchParams(location.search).has('flat')) throw new Error('asked for');
      this.view = new GraphicsView(canvas, surface, this.places);
    } catch {
      // A canvas that ever had one kind of drawing never gets the other.
      canvas.replaceWith(canvas.cloneNode(false));
      canvas = byId('shape');
      this.view = new FlatView(canvas, surface, this.places);
    }
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.view = null;
    });
    canvas.addEventListener('webglcontextrestored', () => {
      this.view = new GraphicsView(canvas, surface, this.places);
      this.request();
    });
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', () => this.repaint());
    new ResizeObserver(() => this.request()).observe(canvas);
  }

  repaint() {
    this.colors = null;
    this.mapKey = null;
    this.geometryChanged = true;
    this.request();
  }

  request() {
    if (this.frameWaiting) return;
    this.frameWaiting = true;
    requestAnimationFrame((now) => {
      this.frameWaiting = false;
      this.frame(now);
    });
  }

  frame(now) {
    if (this.playing) this.playStep(now);
    if (this.geometryChanged) {
      this.geometryChanged = false;
      this.rebuild();
      this.showControls();
      this.showReadout();
      this.showPlots();
    }
    const moving = this.glide() || this.spin();
    this.drawScene();
    if (moving || this.playing) this.request();
  }

  rebuild() {
    this.points = this.space.points(this.state);
    this.rowsNow = this.space.shape(this.points);
    this.finite = this.rowsNow.every((row) => row.every(Number.isFinite));
    byId('notice').hidden = this.finite;
    if (!this.finite) {
      byId('notice').textContent =
          'There are numbers in this shape that are not finite. Undo, or reset.';
      return;
    }
    this.vertices = this.space.vertices(this.rowsNow);
    this.cage = this.stage.place(this.vertices, this.cage);
    this.positions = this.surface.apply(this.cage, 3, this.positions);
    this.normals = normalsOf(this.positions, this.surface.triangles, this.normals);
    this.ghosts = this.look.ghosts ? this.makeGhosts() : [];
  }

  makeGhosts() {
    return this.content.templates.map((template, n) => {
      const rows = this.space.templateRows(n, this.state.time);
      const positions = this.surface.apply(this.stage.place(this.space.vertices(rows)), 3);
      const normals = normalsOf(positions, this.surface.triangles);
      const color = linearColor(template.color);
      return {positions, normals, color, line: color};
    });
  }

  get angles() {
    const count = this.look.petals;
    return Array.from({length: count}, (_, i) => (2 * Math.PI * i) / count);
  }

  /** The frame follows softly, from one petal to the whole flower and some way after the shape. */
  glide() {
    const goal = this.stage.frameFor(this.positions, this.look.petals > 1, 0.6);
    if (!this.framing || this.calm) {
      this.framing = structuredClone(goal);
      return false;
    }
    const near = (from, to) => from + (to - from) * 0.16;
    const {center, radius} = this.framing;
    this.framing = {
      center: center.map((c, d) => near(c, goal.center[d])),
      radius: near(radius, goal.radius)
    };
    const off =
        Math.abs(goal.radius - radius) + Math.hypot(...center.map((c, d) => goal.center[d] - c));
    if (off < 1e-3 * goal.radius) this.framing = structuredClone(goal);
    return off >= 1e-3 * goal.radius;
  }

  /** After the hand lets go the shape turns on for a moment. */
  spin() {
    if (!this.spinning || this.calm) return false;
    this.spinning = this.spinning.map((speed) => speed * 0.92);
    this.camera.turn(...this.spinning);
    if (Math.hypot(...this.spinning) < 4e-4) this.spinning = null;
    return this.spinning !== null;
  }

  get calm() {
    return matchMedia('(prefers-reduced-motion: reduce)').matches;
  }

  drawScene(size = null, frame = this.framing) {
    if (!this.view || !this.positions || !this.finite) return;
    const canvas = byId('shape');
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = size ?? Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = size ?? Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
    this.view.draw({
      positions: this.positions,
      normals: this.normals,
      cage: this.cage,
      ghosts: this.ghosts,
      angles: this.angles,
      camera: this.camera,
      frame,
      ground: this.stage.ground,
      axis: this.stage.axis,
      palette: Object.values(palettes)[this.look.palette].map(linearColor),
      veins: this.content.isGrid ? 0.09 : 0,
      showCage: this.look.cage,
      ink: this.dark.matches ? [0.85, 0.82, 0.78] : [0.16, 0.13, 0.11],
      dark: this.dark.matches,
    });
  }

  /** The present view as it is on screen, or `size` pixels square and close up, over paper. */
  picture(size = null) {
    const canvas = byId('shape');
    const closeUp = this.stage.frameFor(this.positions, this.look.petals > 1, 1);
    this.drawScene(size, size ? closeUp : this.framing);
    const copy = element('canvas', {width: canvas.width, height: canvas.height});
    const context = copy.getContext('2d');
    context.fillStyle = this.color('--paper');
    context.fillRect(0, 0, copy.width, copy.height);
    context.drawImage(canvas, 0, 0);
    if (size) this.drawScene();
    return copy;
  }

  color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // MARK: Play

  togglePlay() {
    if (this.playing) {
      this.stopPlaying();
      this.propose({});
      return;
    }
    const [low, high] = this.timeRange;
    const share = Math.min(Math.max((this.state.time - low) / (high - low || 1), 0), 1);
    this.playing = {phase: Math.acos(1 - 2 * share), last: null};
    this.showPlaying();
    this.request();
  }

  stopPlaying() {
    this.playing = null;
    this.showPlaying();
  }

  showPlaying() {
    byId('play').setAttribute(
        'aria-pressed', String(this.playing !== null && this.playing !== undefined));
    byId('play').textContent = this.playing ? 'Pause' : 'Play';
  }

  playStep(now) {
    const {playing} = this;
    if (playing.last !== null) playing.phase += (Math.min(now - playing.last, 100) / 1000) * 0.8;
    playing.last = now;
    const [low, high] = this.timeRange;
    const time = low + ((high - low) * (1 - Math.cos(playing.phase))) / 2;
    this.state = {...this.state, time: Number(time.toFixed(4))};
    this.geometryChanged = true;
  }

  get timeRange() {
    const {times} = this.content;
    const [low, high] = [times[0], times[times.length - 1]];
    return high > low ? [low, high] : [low - 0.5, high + 0.5];
  }

  // MARK: Readout

  showReadout() {
    for (const id of ['save-obj', 'save-glb', 'save-motion', 'save-png', 'save-path', 'keep'])
      byId(id).disabled = !this.finite;
    if (!this.finite) {
      byId('verdict').textContent = 'lost';
      for (const id of ['where', 'distance', 'spoken']) byId(id).textContent = '';
      return;
    }
    const distance = this.confidence.distance(this.rowsNow);
    const word = this.confidence.word(distance);
    const where = this.confidence.place(this.points);
    const all = this.rowsNow.flatMap((row) => [...row]);
    const extent = Math.max(...all) - Math.min(...all) || 1;
    const short = (value) => Number(value.toPrecision(2));
    byId('verdict').textContent = word;
    byId('where').textContent = `– ${where}`;
    byId('lamp').style.background = `color-mix(in srgb, var(--glow) ${
        Math.round(100 * this.confidence.glow(distance))}%, var(--fade))`;
    byId('distance').textContent = `Comes back to within ${short(distance * this.content.scale)} (${
                                       short((100 * distance) / extent)} % of its length), ` +
        `${short(this.confidence.ratio(distance))} × the templates’ own distance.`;
    byId('description').textContent =
        `${this.content.name} at time ${this.state.time.toFixed(2)}, ${where}.`;
    clearTimeout(this.speech);
    this.speech = setTimeout(() => {
      const said = `${word}, ${where}.`;
      if (byId('spoken').textContent !== said) byId('spoken').textContent = said;
    }, 700);
  }
}

// MARK: -

/** Gives a class more methods and computed properties, from another file. */
function extend(type, members) {
  Object.defineProperties(type.prototype, Object.getOwnPropertyDescriptors(members));
}

window.addEventListener('DOMContentLoaded', () => {
  const content = decodeContent(JSON.parse(byId('content').textContent));
  window.explorer = new Page(content);
});
