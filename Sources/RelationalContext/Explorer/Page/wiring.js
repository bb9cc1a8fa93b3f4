'use strict';
// The page's controls: what each shows of the state, and what it proposes.

extend(Page, {
  makeControls() {
    const {content} = this;
    byId('name').textContent = content.name;
    byId('provenance').textContent = provenanceText(content);
    const propose = (key, make) => (value, done) =>
        this.propose(make(value), {done, gesture: done ? key : null});
    this.sliders = this.sliderKinds().map(({read, make, ...options}) => {
      const slider = new Slider({...options, moved: propose(options.id, make)});
      byId('sliders').append(slider.element);
      return [slider, read];
    });
    this.makeAffine(propose);
    this.makeChoices();
  },

  /** Every slider: how it looks, what it reads of a state, and what change a value makes. */
  sliderKinds() {
    return [
      {
        id: 'time',
        label: 'Time',
        hint: 'closed to open',
        range: this.timeRange,
        read: (state) => state.time,
        make: (time) => (this.stopPlaying(), {time}),
      },
      ...this.content.templates.slice(1).map((template, i) => this.blendKind(template.name, i)),
      {
        id: 'normal',
        label: 'Beyond',
        hint: 'in template gaps',
        range: [-1.5, 1.5],
        step: 0.01,
        marks: this.sides,
        read: (state) => state.normal,
        make: (normal) => ({normal}),
      },
      {
        id: 'reach',
        label: 'Reach',
        hint: 'how much of it is drawn',
        range: [0, 1.1],
        step: 0.01,
        read: (state) => state.reach,
        make: (reach) => ({reach}),
      },
      {
        id: 'slide',
        label: 'Slide',
        hint: 'along the length',
        range: [-0.5, 0.5],
        step: 0.01,
        read: (state) => state.slide,
        make: (slide) => ({slide}),
      },
      ...this.space.range.map((range, k) => this.contextKind(range, k)),
    ];
  },

  blendKind(name, i) {
    const {templates} = this.content;
    const isOne = templates.length === 2;
    return {
      id: `blend-${i}`,
      label: isOne ? 'Blend' : `Blend towards ${name}`,
      range: [-1, 2],
      step: 0.01,
      marks: [[0, isOne ? templates[0].name : 'none'], [1, name]],
      read: (state) => state.blend[i],
      make: (value) => ({blend: this.state.blend.with(i, value)}),
    };
  },

  /** Where the slider's two halves lead. */
  get sides() {
    const [first, ...others] = this.content.templates;
    const other = others.length === 1 ? others[0].name : 'the others';
    return [[-1, `past ${first.name}`], [1, `past ${other}`]];
  },

  contextKind([low, high], k) {
    const span = high - low;
    const pushed = (value) => this.state.push[k] + value - this.meanContext(k);
    return {
      id: `context-${k}`,
      label: this.content.contexts > 1 ? `Context ${k + 1}` : 'Context',
      hint: 'mean of the path',
      range: [low - span / 2, high + span / 2],
      step: stepFor(span),
      read: () => this.meanContext(k),
      make: (value) => ({push: this.state.push.with(k, pushed(value))}),
    };
  },

  /** The widest that the templates' contexts are apart, in any row at any time. */
  largestGap() {
    const [first, ...others] = this.content.templates.map((t) => t.traces.flat());
    const gaps = others.flatMap(
        (rows) => rows.map((row, i) => Math.hypot(...Array.from(row, (c, k) => c - first[i][k]))),
    );
    const largest = Math.max(...gaps);
    return largest > 1e-4 ? largest : 0.1;
  },

  meanContext(k) {
    return this.points.reduce((sum, point) => sum + point[2 + k], 0) / this.points.length;
  },

  makeAffine(propose) {
    const names = this.content.mapNames.concat('context');
    this.fields = [];
    names.forEach((name, i) => {
      const cell = (key, word) => {
        const field =
            element('input', {type: 'number', step: 'any', 'aria-label': `${word} ${name}`});
        const moved = propose(`${key}-${i}`, (value) => ({[key]: this.state[key].with(i, value)}));
        field.addEventListener('change', () => {
          if (Number.isFinite(field.valueAsNumber)) moved(field.valueAsNumber, true);
          this.request();
        });
        this.fields.push([field, (s) => s[key][i]]);
        return element('td', {}, field);
      };
      const head = element('th', {scope: 'row'}, capital(name));
      byId('affine').tBodies[0].append(
          element('tr', {}, head, cell('scale', 'Scale'), cell('shift', 'Shift')));
    });
    [[0, 1], [0, 2], [1, 2]].forEach(([a, b], i) => {
      const slider = new Slider({
        id: `turn-${i}`,
        label: `${capital(names[b])} into ${names[a]}`,
        range: [-90, 90],
        step: 1,
        hint: '°',
        moved: propose(
            `turn-${i}`, (value) => ({turn: this.state.turn.with(i, (value * Math.PI) / 180)})),
      });
      byId('turns').append(slider.element);
      this.sliders.push([slider, (s) => (s.turn[i] * 180) / Math.PI]);
    });
  },

  makeChoices() {
    const {content, look} = this;
    for (const count of [1, 3, 4, 5, 6, 8, 12]) {
      byId('petals').append(
          element('option', {value: count}, count > 1 ? `${count} petals` : '1 petal'));
    }
    Object.keys(palettes).forEach(
        (name, i) => byId('palette').append(element('option', {value: i}, name)));
    for (const id of ['cage', 'ghosts']) {
      byId(id).addEventListener(
          'change', (event) => this.changeLook({[id]: Number(event.target.checked)}));
    }
    for (const id of ['petals', 'palette']) {
      byId(id).addEventListener(
          'change', (event) => this.changeLook({[id]: Number(event.target.value)}));
    }
    look.palette =
        Math.min(Math.max(Math.round(look.palette), 0), Object.keys(palettes).length - 1);
    look.petals = Math.min(Math.max(Math.round(look.petals), 1), 64);
    if (content.contexts > 1) {
      byId('axis-choice').hidden = false;
      this.space.range.forEach(
          (_, k) => byId('axis').append(element('option', {value: k}, String(k + 1))));
      byId('axis').addEventListener(
          'change', (event) => this.propose({axis: Number(event.target.value)}));
    }
    if (content.templates.length > 2) {
      byId('map-choice').hidden = false;
      content.templates.slice(1).forEach(
          (t, i) => byId('map-blend').append(element('option', {value: i}, t.name)));
      byId('map-blend').addEventListener('change', () => this.repaint());
    }
  },

  changeLook(change) {
    Object.assign(this.look, change);
    this.geometryChanged = true;
    this.writeAddress();
    this.request();
  },

  showControls() {
    for (const [slider, read] of this.sliders) slider.show(read(this.state));
    for (const [field, read] of this.fields) field.value = Number(read(this.state).toFixed(4));
    byId('cage').checked = Boolean(this.look.cage);
    byId('ghosts').checked = Boolean(this.look.ghosts);
    byId('petals').value = this.look.petals;
    byId('palette').value = this.look.palette;
    byId('axis').value = this.state.axis;
    byId('undo').disabled = this.history.past.length === 0;
    byId('redo').disabled = this.history.future.length === 0;
  },

  // MARK: Listening

  listen() {
    const click = (id, act) => byId(id).addEventListener('click', act);
    click('undo', () => this.travel(this.history.undo()));
    click('redo', () => this.travel(this.history.redo()));
    click('reset', () => {
      this.stopPlaying();
      this.propose(structuredClone(this.rest));
    });
    click('play', () => this.togglePlay());
    click('keep', () => this.keep(this.state));
    click('front', () => this.resetView());
    click('smooth', () => this.propose({handles: smoothed(this.state.handles)}));
    click('interpolate', () => {
      const {handles, push, normal, reach, slide, scale, shift, turn} = structuredClone(this.rest);
      this.propose({handles, push, normal, reach, slide, scale, shift, turn});
    });
    window.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      this.travel(key === 'y' || event.shiftKey ? this.history.redo() : this.history.undo());
    });
    // Two quick drags are two entries.
    window.addEventListener('pointerdown', () => this.history.endGesture(), true);
    window.addEventListener('hashchange', () => {
      if (location.hash === this.address) return;
      this.readAddress();
      this.propose({});
    });
    this.listenToCanvas(byId('shape'));
    this.listenToFiles();
  },

  resetView() {
    this.spinning = null;
    this.camera.reset();
    this.writeAddress();
    this.request();
  },

  listenToCanvas(canvas) {
    const fingers = new Map();
    const span = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      this.spinning = null;
    });
    canvas.addEventListener('pointermove', (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const wide = fingers.size === 2 ? span() : 0;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
      if (fingers.size === 2) this.camera.zoomBy(span() / Math.max(wide, 1));
      const speed = 0.009 / fingers.size;
      const turn = [(event.clientX - before[0]) * speed, (event.clientY - before[1]) * speed];
      this.camera.turn(...turn);
      this.spinning = fingers.size === 1 ? turn : null;
      this.lastMove = event.timeStamp;
      this.held = true;
      this.request();
    });
    const end = (event) => {
      fingers.delete(event.pointerId);
      if (event.timeStamp - (this.lastMove ?? 0) > 60) this.spinning = null;
      this.held = fingers.size > 0;
      this.writeAddress();
      this.request();
    };
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
    canvas.addEventListener('dblclick', () => this.resetView());
    canvas.addEventListener(
        'wheel',
        (event) => {
          event.preventDefault();
          const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
          this.camera.zoomBy(Math.exp(-pixels * 0.0012));
          this.writeAddress();
          this.request();
        },
        {passive: false},
    );
    canvas.addEventListener('keydown', (event) => this.canvasKey(event));
  },

  canvasKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0.3 : 0.08;
    const acts = {
      ArrowLeft: () => this.camera.turn(-step, 0),
      ArrowRight: () => this.camera.turn(step, 0),
      ArrowUp: () => this.camera.turn(0, -step),
      ArrowDown: () => this.camera.turn(0, step),
      '+': () => this.camera.zoomBy(1.1),
      '=': () => this.camera.zoomBy(1.1),
      '-': () => this.camera.zoomBy(1 / 1.1),
      0: () => this.camera.reset(),
      Home: () => this.camera.reset(),
      ' ': () => this.togglePlay(),
    };
    if (!Object.hasOwn(acts, event.key)) return;
    event.preventDefault();
    acts[event.key]();
    this.writeAddress();
    this.request();
  },
});

function smoothed(handles) {
  const at = (r) => handles[Math.min(Math.max(r, 0), handles.length - 1)];
  return handles.map(
      (row, r) => row.map((value, k) => (at(r - 1)[k] + 2 * value + at(r + 1)[k]) / 4));
}

function provenanceText({templates, provenance = {}, generative}) {
  const names = templates.map((t) => t.name);
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const {seed, epochs, version} = provenance;
  return [
    `A space between ${list}, and beyond`,
    `${generative.parameters.toLocaleString('en')} weights`,
    epochs !== undefined && `${epochs.toLocaleString('en')} epochs`,
    seed !== undefined && `seed ${seed}`,
    version !== undefined && `Atelier ${version}`,
  ].filter(Boolean)
      .join(' · ');
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const rounded = (value) => Number(value.toFixed(4));
const stepFor = (range) => 10 ** Math.floor(Math.log10(range / 100));
