'use strict';
// What goes out of the page and comes back: downloads, states, and the kept shapes.

extend(Page, {
  listenToFiles() {
    const click = (id, act) => byId(id).addEventListener('click', act);
    click('save-obj', () => this.save('obj', 'model/obj', this.makeOBJ()));
    click('save-glb', () => this.save('glb', 'model/gltf-binary', this.makeGLB()));
    click('save-motion', () => this.save('opening.glb', 'model/gltf-binary', this.makeMotion()));
    click('save-png', () => this.picture().toBlob((blob) => this.save('png', 'image/png', blob)));
    click(
        'save-path',
        () => this.save('path.csv', 'text/csv', writePath(this.content.mapNames, this.points)));
    click(
        'save-state',
        () =>
            this.save('json', 'application/json', `${JSON.stringify(this.describe(), null, 2)}\n`));
    byId('open-state').addEventListener('change', async (event) => {
      const [file] = event.target.files;
      if (file) this.openState(file.name, await file.text());
      event.target.value = '';
    });
  },

  save(ending, type, data) {
    const stem =
        this.content.name.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
    const url = URL.createObjectURL(new Blob([data], {type}));
    const link = element('a', {href: url, download: `${stem.toLowerCase() || 'shape'}.${ending}`});
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  },

  get wantsSmooth() {
    return byId('smoothed').checked;
  },

  /** The shape's vertices in the file's unit, y up, smooth or as the control mesh. */
  exported(rows) {
    const vertices = upright(this.space.vertices(rows), this.content.up);
    const positions =
        this.wantsSmooth ? this.surface.apply(vertices, 3) : Float32Array.from(vertices);
    const triangles = this.wantsSmooth ? this.surface.triangles :
                                         Uint32Array.from(triangulated(this.content.faces));
    return {positions, normals: normalsOf(positions, triangles), triangles};
  },

  makeOBJ() {
    const {content} = this;
    const {positions} = this.exported(this.rowsNow);
    const faces = this.wantsSmooth ? this.surface.faces : content.faces;
    const center = upright(content.center, content.up);
    const name = (i) => (this.angles.length > 1 ? `petal_${i + 1}` : 'petal');
    const objects = this.angles.map((angle, i) => ({
                                      name: name(i),
                                      positions: rotated(positions, center, angle),
                                      faces,
                                    }));
    return writeOBJ(`${content.name}: ${encodeState(this.state, this.rest) || 'at rest'}`, objects);
  },

  /** The petal's colours at every vertex, as linear light. */
  vertexColors(count) {
    const palette = Object.values(palettes)[this.look.palette].map(linearColor);
    const {rows, columns} = this.content;
    const along = (i) => this.wantsSmooth ? this.places[2 * i] :
        rows > 1                          ? Math.floor(i / columns) / (rows - 1) :
                                            0.5;
    const colors = Array.from({length: count}, (_, i) => petalColor(palette, along(i)));
    return Float32Array.from(colors.flat());
  },

  makeGLB(frames = [this.exported(this.rowsNow)], seconds = 0) {
    const {content} = this;
    return writeGLB({
      name: 'petal',
      frames,
      triangles: frames[0].triangles,
      colors: this.vertexColors(frames[0].positions.length / 3),
      center: upright(content.center, content.up),
      angles: this.angles,
      seconds,
      extras: {name: content.name, ...this.describe().provenance},
    });
  },

  /** Twenty-one moments from the first time to the last, everything else as it is. */
  makeMotion() {
    const [from, to] = this.timeRange;
    const frames = Array.from({length: 21}, (_, i) => {
      const state = {...this.state, time: from + ((to - from) * i) / 20};
      return this.exported(this.space.shape(this.space.points(state)));
    });
    return this.makeGLB(frames, 4);
  },

  /** The state, and what it means: the design point and the numbers of every row. */
  describe() {
    return {
      format: 'atelier-explorer-state',
      version: 1,
      name: this.content.name,
      provenance: this.content.provenance ?? {},
      state: this.state,
      mapNames: this.content.mapNames,
      points: this.points,
      rows: this.rowsNow.map((row) => [...row]),
      confidence: this.confidence.distance(this.rowsNow),
    };
  },

  openState(name, text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      found = null;
    }
    if (found?.format !== 'atelier-explorer-state' || typeof found.state !== 'object') {
      this.tell(
          `${name} is not a state saved by this page: choose a file made with its button State.`);
      return;
    }
    this.tell('');
    const asText =
        Object.keys(this.rest).map((key) => `${key}=${[found.state[key]].flat(2).join(',')}`);
    this.propose(decodeState(asText.join('&'), this.rest));
  },

  tell(sentence) {
    byId('notice').hidden = sentence === '';
    byId('notice').textContent = sentence;
  },

  // MARK: Kept shapes

  keep(state) {
    this.kept.push(
        {state: structuredClone(state), image: this.picture(168).toDataURL('image/jpeg', 0.85)});
    this.showKept();
    this.storeKept();
    byId('kept').lastElementChild.scrollIntoView({block: 'nearest', inline: 'end'});
  },

  showKept() {
    byId('kept').replaceChildren(
        ...this.kept.map((entry, i) => {
          const {time} = entry.state;
          const image = element(
              'img', {src: entry.image, alt: `Kept shape ${i + 1}, time ${time.toFixed(2)}`});
          const back = element(
              'button', {type: 'button', class: 'picture', title: 'Return to this shape'}, image);
          back.addEventListener('click', () => {
            this.stopPlaying();
            this.propose(structuredClone(entry.state));
          });
          const drop = element(
              'button', {type: 'button', class: 'drop', 'aria-label': `Let kept shape ${i + 1} go`},
              '×');
          drop.addEventListener('click', () => {
            this.kept.splice(i, 1);
            this.showKept();
            this.storeKept();
            (byId('kept').children[Math.min(i, this.kept.length - 1)]?.firstElementChild ??
             byId('keep'))
                .focus();
          });
          return element('li', {}, back, drop);
        }),
    );
  },

  /** Kept shapes outlive a reload where the browser lets a page remember. */
  get storageName() {
    const {name, generative} = this.content;
    const sum = generative.layers[0].weights.reduce((a, b) => a + b, 0);
    return `atelier-explorer ${name} ${sum}`;
  },

  storeKept() {
    try {
      localStorage.setItem(this.storageName, JSON.stringify(this.kept));
    } catch {
      // Full, or switched off: they stay until the page is closed.
    }
  },

  restoreKept() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.storageName) ?? '[]');
      const isWhole = ({state, image}) =>
          image.startsWith('data:image/') && encodeState(state, this.rest) !== null;
      this.kept = kept.filter(isWhole);
    } catch {
      this.kept = [];
    }
    this.showKept();
  },
});
