'use strict';
// Draws the same scene where there is no WebGL2: faces from back to front on a plain canvas.

class FlatView {
  constructor(canvas, surface, places) {
    this.canvas = canvas;
    this.surface = surface;
    this.places = places;
    this.context = canvas.getContext('2d');
  }

  draw(scene) {
    const {context, canvas} = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const {center, radius} = scene.frame;
    const seen = scene.camera.see(center, radius, canvas.width / canvas.height);
    const sun = sunFor(scene.camera);
    const faces = [];
    for (const angle of scene.angles) {
      const model = turnedAbout(scene.axis, angle);
      this.collect(scene, model, seen, sun, scene.palette, 1, faces);
    }
    for (const ghost of scene.ghosts) {
      const palette = [ghost.color, ghost.color, ghost.color];
      this.collect(ghost, turnedAbout([0, 0, 0], 0), seen, sun, palette, 0.25, faces);
    }
    faces.sort((a, b) => b.depth - a.depth);
    context.lineJoin = 'round';
    for (const {points, color, opacity} of faces) {
      context.globalAlpha = opacity;
      context.fillStyle = color;
      context.strokeStyle = color;
      context.beginPath();
      points.forEach(([x, y]) => context.lineTo(x, y));
      context.closePath();
      context.fill();
      if (opacity === 1) context.stroke();
    }
    context.globalAlpha = 1;
    if (scene.showCage) this.drawCage(scene, seen);
  }

  onScreen(matrix, p) {
    const [x, y, z, w] = transformed(matrix, p);
    return [((x / w + 1) / 2) * this.canvas.width, ((1 - y / w) / 2) * this.canvas.height, z / w];
  }

  collect({positions, normals}, model, seen, sun, palette, opacity, faces) {
    const matrix = product(seen.matrix, model);
    const at = (v) => [positions[3 * v], positions[3 * v + 1], positions[3 * v + 2]];
    const flat = Array.from({length: positions.length / 3}, (_, v) => this.onScreen(matrix, at(v)));
    for (const face of this.surface.faces) {
      const points = face.map((v) => flat[v]);
      if (!points.every((p) => p.every(Number.isFinite))) continue;
      const n = face.reduce((sum, v) => sum.map((s, d) => s + normals[3 * v + d]), [0, 0, 0]);
      const normal = unit(transformed(model, [...n]).slice(0, 3).map((x, d) => x - model[12 + d]));
      const along = face.reduce((sum, v) => sum + this.places[2 * v], 0) / face.length;
      faces.push({
        points,
        depth: points.reduce((sum, p) => sum + p[2], 0) / points.length,
        color: shaded(palette, along, normal, seen.back, sun),
        opacity,
      });
    }
  }

  drawCage({cage, axis, angles, ink}, seen) {
    const {context} = this;
    const matrix = product(seen.matrix, turnedAbout(axis, angles[0]));
    const at = (v) => this.onScreen(matrix, [cage[3 * v], cage[3 * v + 1], cage[3 * v + 2]]);
    context.strokeStyle = cssColor(ink);
    context.fillStyle = cssColor(ink);
    context.lineWidth = 1;
    context.beginPath();
    for (const [a, b] of this.surface.cageEdges) {
      context.moveTo(...at(a).slice(0, 2));
      context.lineTo(...at(b).slice(0, 2));
    }
    context.stroke();
    for (let v = 0; v < cage.length / 3; v += 1) {
      const [x, y] = at(v);
      context.fillRect(x - 2, y - 2, 4, 4);
    }
  }
}

/** The petal's colour at `along`, 0 at its base and 1 at its tip. */
function petalColor([base, middle, tip], along) {
  const smooth = (a, b) => {
    const u = Math.min(Math.max((along - a) / (b - a), 0), 1);
    return u * u * (3 - 2 * u);
  };
  const [m, t] = [smooth(0, 0.5), smooth(0.35, 1)];
  return base.map((b, d) => (b + m * (middle[d] - b)) * (1 - t) + t * tip[d]);
}

function shaded(palette, along, normal, back, sun) {
  const turned = dot(normal, back) < 0 ? normal.map((x) => -x) : normal;
  const facing = dot(turned, sun);
  const front = Math.max((facing + 0.3) / 1.3, 0);
  const through = Math.max(-facing, 0);
  const sky = 0.34 + 0.1 * turned[2];
  return cssColor(
      petalColor(palette, along).map((c) => c * (sky + 0.7 * front) + c * c * 0.6 * through));
}

/** Linear light from and to what style sheets say. */
function cssColor(linear) {
  const bytes = linear.map((c) => Math.round(255 * Math.min(Math.max(c, 0), 1) ** (1 / 2.2)));
  return `rgb(${bytes.join(' ')})`;
}

function linearColor(hex) {
  const known = /^#[0-9a-f]{6}$/i.test(hex) ? hex : '#888888';
  return [1, 3, 5].map((at) => (parseInt(known.slice(at, at + 2), 16) / 255) ** 2.2);
}
