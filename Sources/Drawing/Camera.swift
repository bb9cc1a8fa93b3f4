import Foundation

/// From where, and how, surfaces are seen.
public struct Camera: Hashable, Sendable {
  /// How space becomes a picture.
  public enum Projection: Hashable, Sendable {
    /// Parallel lines stay parallel.
    case orthographic
    /// What is farther away is smaller; the eye is `distance` times as far from the middle of what
    /// is seen as its farthest point, at least 1.5 times.
    case perspective(distance: Double)
  }

  /// Where the eye stands round the vertical, in degrees: at 0 on the side of +x, at 90 of +y.
  public var azimuth: Double
  /// How high the eye stands, in degrees: at 0 level with what it sees, at 90 above it.
  public var elevation: Double
  /// How space becomes a picture.
  public var projection: Projection

  /// A camera from its parts.
  ///
  /// - Precondition: angles are finite, the elevation is in −90…90.
  public init(azimuth: Double, elevation: Double, projection: Projection = .orthographic) {
    precondition(
      azimuth.isFinite && (-90...90).contains(elevation),
      "Camera: azimuth \(azimuth), elevation \(elevation) are not a direction")
    self.azimuth = azimuth
    self.elevation = elevation
    self.projection = projection
  }

  /// From above, orthographic, with x pointing up the page and y to the left.
  public static let top = Camera(azimuth: 180, elevation: 90)

  /// Right on the page, up on the page and towards the eye, in space.
  var axes: (right: SIMD3<Double>, up: SIMD3<Double>, eye: SIMD3<Double>) {
    let (around, height) = (azimuth * .pi / 180, elevation * .pi / 180)
    let right = SIMD3(-sin(around), cos(around), 0)
    let eye = SIMD3(cos(height) * cos(around), cos(height) * sin(around), sin(height))
    return (right, cross(eye, right), eye)
  }
}

/// What a camera sees of several surfaces, so that each of them can be drawn in a panel of its own at
/// the same scale.
public struct View: Hashable, Sendable {
  /// From where it is seen.
  public let camera: Camera
  /// The middle of what is seen.
  let target: SIMD3<Double>
  /// How far the eye is from there in the units of space; infinite without perspective.
  let distance: Double
  /// The lowest z of what is seen.
  let ground: Double
  /// Whether each surface lies in the middle of its panel.
  let centersEach: Bool
  /// What is seen, in the picture's plane, y up.
  private(set) var bounds: PlaneBounds

  /// The view that holds each of several surfaces; of nothing, a unit square.
  ///
  /// - Parameters:
  ///   - surfaces: What is to be seen.
  ///   - camera: From where.
  ///   - centersEach: Whether each surface lies in the middle of its panel, so that all can be
  ///     larger; by default they keep their places to each other, as the frames of a film do.
  public init(of surfaces: [Surface], from camera: Camera, centersEach: Bool = false) {
    self.camera = camera
    self.centersEach = centersEach
    let positions = surfaces.flatMap(\.usedPositions)
    guard let first = positions.first else {
      (target, distance, ground) = (.zero, .infinity, 0)
      bounds = PlaneBounds(low: Point(-0.5, -0.5), high: Point(0.5, 0.5))
      return
    }
    let lowest = positions.reduce(first, pointwiseMin)
    let highest = positions.reduce(first, pointwiseMax)
    let target = (lowest + highest) / 2
    self.target = target
    ground = lowest.z
    switch camera.projection {
    case .orthographic: distance = .infinity
    case .perspective(let times):
      let radius = positions.map { dot($0 - target, $0 - target).squareRoot() }.max() ?? 0
      distance = max(times, 1.5) * max(radius, 1e-9)
    }
    bounds = PlaneBounds(low: .zero, high: .zero)
    if centersEach {
      let sizes = surfaces.filter { !$0.faces.isEmpty }.map { self.bounds(of: $0).size }
      let size = sizes.reduce(.zero, pointwiseMax)
      bounds = PlaneBounds(low: -size / 2, high: size / 2)
    } else {
      bounds = PlaneBounds(of: positions.map { project($0).place })
    }
  }

  /// A position in the picture's plane, y up, and how near it is to the eye.
  func project(_ position: SIMD3<Double>) -> (place: Point, nearness: Double) {
    let axes = camera.axes
    let offset = position - target
    let nearness = dot(offset, axes.eye)
    let factor = distance.isFinite ? distance / (distance - nearness) : 1
    return (factor * Point(dot(offset, axes.right), dot(offset, axes.up)), nearness)
  }

  /// From a position towards the eye, with length 1.
  func direction(from position: SIMD3<Double>) -> SIMD3<Double> {
    let eye = camera.axes.eye
    return distance.isFinite ? (target + distance * eye - position).normalized : eye
  }

  /// What of the picture's plane holds a surface.
  private func bounds(of surface: Surface) -> PlaneBounds {
    PlaneBounds(of: surface.usedPositions.map { project($0).place })
  }

  /// From the picture's plane to a rectangle of the page, as large as fits, in its middle.
  func fitted(_ surface: Surface, in rectangle: Rectangle) -> PlanePlacement {
    let size = pointwiseMax(bounds.size, Point(repeating: 1e-9))
    return PlanePlacement(
      unit: min(rectangle.width / size.x, rectangle.height / size.y),
      middle: centersEach && !surface.faces.isEmpty ? bounds(of: surface).middle : bounds.middle,
      center: rectangle.center)
  }
}

/// An upright rectangle in the picture's plane.
struct PlaneBounds: Hashable {
  var low, high: Point
  var size: Point { high - low }
  var middle: Point { (low + high) / 2 }
}

extension PlaneBounds {
  /// - Precondition: there is a place.
  init(of places: [Point]) {
    low = places.reduce(places[0], pointwiseMin)
    high = places.reduce(places[0], pointwiseMax)
  }
}

/// From the picture's plane to the page.
struct PlanePlacement {
  /// Points of the page to a unit of space.
  let unit: Double
  let middle, center: Point

  func callAsFunction(_ place: Point) -> Point {
    let offset = (place - middle) * unit
    return center + Point(offset.x, -offset.y)
  }
}
