'use strict';
// The eye: it turns about a point, the up axis is z; matrices are columns after each other.

class Camera {
  constructor() {
    this.reset();
  }

  reset() {
    Object.assign(this, {azimuth: -1.05, elevation: 0.74, zoom: 1});
  }

  turn(right, up) {
    this.azimuth -= right;
    this.elevation = Math.min(Math.max(this.elevation + up, -1.5), 1.5);
  }

  zoomBy(factor) {
    this.zoom = Math.min(Math.max(this.zoom * factor, 0.3), 6);
  }

  /** Sees a ball of `radius` about `target` whole, in a window `aspect` wide for its height. */
  see(target, radius, aspect) {
    const halfAngle = 0.26;
    const narrow = Math.atan(Math.tan(halfAngle) * Math.min(1, aspect));
    const distance = radius / Math.sin(narrow) / this.zoom;
    const [ca, sa] = [Math.cos(this.azimuth), Math.sin(this.azimuth)];
    const [ce, se] = [Math.cos(this.elevation), Math.sin(this.elevation)];
    const back = [ce * ca, ce * sa, se];
    const right = [-sa, ca, 0];
    const up = [-se * ca, -se * sa, ce];
    const eye = target.map((t, i) => t + distance * back[i]);
    const view = lookFrom(eye, right, up, back);
    const near = Math.max(distance - 4 * radius, 0.02 * distance);
    const projection = perspective(halfAngle, aspect, near, distance + 4 * radius);
    return {eye, right, up, back, matrix: product(projection, view)};
  }
}

function lookFrom(eye, right, up, back) {
  const d = (axis) => -(axis[0] * eye[0] + axis[1] * eye[1] + axis[2] * eye[2]);
  return [
    ...[right[0], up[0], back[0], 0],
    ...[right[1], up[1], back[1], 0],
    ...[right[2], up[2], back[2], 0],
    ...[d(right), d(up), d(back), 1],
  ];
}

function perspective(halfAngle, aspect, near, far) {
  const f = 1 / Math.tan(halfAngle);
  const depth = near - far;
  return [
    f / aspect, 0, 0, 0, 0, f, 0, 0, 0, 0, (far + near) / depth, -1, 0, 0, (2 * far * near) / depth,
    0
  ];
}

/** Everything within `radius` of `target`, seen from far along `back`, in the cube from -1 to 1. */
function parallel(target, radius, back) {
  const right = unit([-back[1], back[0], 0]);
  const up = cross(back, right);
  const view = lookFrom(target, right, up, back);
  const s = 1 / radius;
  return product([s, 0, 0, 0, 0, s, 0, 0, 0, 0, -s, 0, 0, 0, 0, 1], view);
}

function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function product(a, b) {
  return Array.from({length: 16}, (_, n) => {
    const [row, column] = [n % 4, n - (n % 4)];
    return [0, 1, 2, 3].reduce((sum, k) => sum + a[row + 4 * k] * b[column + k], 0);
  });
}

/** A rotation about the vertical line through `center`. */
function turnedAbout(center, angle) {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = center;
  return [c, s, 0, 0, -s, c, 0, 0, 0, 0, 1, 0, x - c * x + s * y, y - s * x - c * y, 0, 1];
}

function transformed(m, p) {
  return [0, 1, 2, 3].map((i) => m[i] * p[0] + m[i + 4] * p[1] + m[i + 8] * p[2] + m[i + 12]);
}

/** Vertices in the file's coordinates as the page draws them: up is z, radius about 1. */
class Stage {
  constructor(content, space) {
    const yUp = content.up === 'y';
    this.toWorld = yUp ? ([x, y, z]) => [x, -z, y] : (p) => p;
    this.axis = this.toWorld(content.center);
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    let reach = 0;
    for (const {vertices} of content.templates) {
      for (const rows of vertices) {
        const all = this.place(space.vertices(rows));
        for (let i = 0; i < all.length; i += 3) {
          for (let d = 0; d < 3; d += 1) {
            low[d] = Math.min(low[d], all[i + d]);
            high[d] = Math.max(high[d], all[i + d]);
          }
          reach = Math.max(reach, Math.hypot(all[i] - this.axis[0], all[i + 1] - this.axis[1]));
        }
      }
    }
    const height = (high[2] - low[2]) / 2;
    const center = low.map((l, d) => (l + high[d]) / 2);
    // A ball a little smaller than the box's: no shape reaches its corners.
    const radius = 0.82 * Math.hypot(...center.map((c, d) => high[d] - c)) || 1;
    this.ground = low[2] - 0.05 * radius;
    this.one = {center, radius};
    this.many = {
      center: [this.axis[0], this.axis[1], center[2]],
      radius: 0.92 * Math.hypot(reach, height) || 1,
    };
  }

  /**
   * The ball to show: the templates' own, or with `share` 1 the present shape's, or between.
   */
  frameFor(positions, whole, share) {
    const {center, radius} = whole ? this.many : this.one;
    if (!positions) return {center, radius};
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    let reach = 0;
    for (let i = 0; i < positions.length; i += 3) {
      for (let d = 0; d < 3; d += 1) {
        low[d] = Math.min(low[d], positions[i + d]);
        high[d] = Math.max(high[d], positions[i + d]);
      }
      reach =
          Math.max(reach, Math.hypot(positions[i] - this.axis[0], positions[i + 1] - this.axis[1]));
    }
    const middle = low.map((l, d) => (l + high[d]) / 2);
    const ball = Math.hypot(...middle.map((m, d) => high[d] - m));
    const own = whole ? {
      center: [this.axis[0], this.axis[1], middle[2]],
      radius: Math.hypot(reach, high[2] - middle[2])
    } :
                        {center: middle, radius: ball};
    const size = share === 1 ? Math.max(own.radius, 0.3 * radius) :
                               Math.max(radius, Math.min(0.9 * own.radius, 4 * radius));
    return {center: center.map((c, d) => c + share * (own.center[d] - c)), radius: size};
  }

  place(vertices, out = new Float32Array(vertices.length)) {
    for (let i = 0; i < vertices.length; i += 3) {
      const p = this.toWorld([vertices[i], vertices[i + 1], vertices[i + 2]]);
      out[i] = p[0];
      out[i + 1] = p[1];
      out[i + 2] = p[2];
    }
    return out;
  }
}
