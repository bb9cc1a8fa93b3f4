import Foundation
import Tensors

/// Petals that no one tuned anything for: a reference and as many openings of its bud as wanted,
/// all decided by a seed.
struct PetalGenerator {
  private let philox: Philox
  private var drawn = 0

  init(seed: UInt64) { philox = Philox(seed: seed) }

  /// The next number, uniform in the range.
  private mutating func next(_ range: ClosedRange<Double>) -> Double {
    defer { drawn += 1 }
    let share = philox.uniform(drawn, example: 0, stream: RandomStream.data)
    return range.lowerBound + Double(share) * (range.upperBound - range.lowerBound)
  }

  /// A petal laid out: its rows at the petals' morphologies, 7 points across.
  mutating func reference() -> [[Float]] {
    let length = next(0.85...1.15)
    let width = next(0.13...0.28)
    let shoulder = next(0.7...1.2)
    let base = next(0.035...0.06)
    let cup = next(0.2...0.5)
    let roundness = next(0.02...0.08)
    let sag = next(-0.06...0.06)
    let across = [-1, -0.66, -0.32, 0, 0.32, 0.66, 1]
    return TemplateSet.petalSteps.map { step in
      let place = Double(step)
      let half = base + (width - base) * sin(.pi * pow(place / 1.3, shoulder))
      let x = across.map { length * place - roundness * $0 * $0 * place * place }
      let y = across.map { half * $0 }
      let z = across.map { sag * place * place + cup * half * ($0 * $0 - 0.4) }
      return (x + y + z).map { Float($0) }
    }
  }

  /// How one of the petals comes to differ.
  mutating func character() -> OpeningPetal.Character {
    OpeningPetal.Character(
      base: next(-0.1...1.2), bend: next(-0.4...0.4), curl: next(-1.2...0.4),
      length: next(-0.1...0.1), spread: next(-0.1...0.2), flare: next(-0.15...0.3),
      cup: next(-0.3...0.8), ruffle: next(0...0.04), twist: next(-0.3...0.3))
  }

  /// Characters that lead a reference to shapes at least .15 apart; nil where a thousand draws in a
  /// row were too near to one before: of some small petals, six cannot be so far apart.
  mutating func characters(_ count: Int, of reference: [[Float]]) -> [OpeningPetal.Character]? {
    let steps = TemplateSet.petalSteps
    var chosen: [OpeningPetal.Character] = []
    var shapes: [[Float]] = []
    var misses = 0
    while chosen.count < count, misses < 1000 {
      let character = character()
      let petal = OpeningPetal(reference: reference, rows: steps, character: character)
      let shape = petal.pose(at: Double(steps.last!)).flatMap(\.self)
      if shapes.allSatisfy({ rootMeanSquare(shape, $0) >= 0.15 }) {
        chosen.append(character)
        shapes.append(shape)
        misses = 0
      } else {
        misses += 1
      }
    }
    return chosen.count == count ? chosen : nil
  }
}

extension TemplateSet {
  /// Petals of a seed that share a bud and open into `count` shapes, each at least .15 from the
  /// others (root mean square of all coordinates at the last time): what is nearer is one petal.
  ///
  /// - Precondition: `count` is at least 1 and at most 6; more do not fit so far apart.
  public static func petals(seed: UInt64, count: Int = 2) -> TemplateSet {
    precondition((1...6).contains(count), "\(count) petals of a seed")
    var generator = PetalGenerator(seed: seed)
    while true {
      let reference = generator.reference()
      if let characters = generator.characters(count, of: reference) {
        return TemplateSet(
          name: "petals-\(seed)", petalsOf: reference,
          characters: characters.enumerated().map { ("petal \($0 + 1)", $1) })
      }
    }
  }
}

/// The root of the mean squared difference of two equally long vectors; 0 for empty ones.
func rootMeanSquare(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers beside \(b.count)")
  var sum = 0.0
  for (x, y) in zip(a, b) { sum += (Double(x) - Double(y)) * (Double(x) - Double(y)) }
  return a.isEmpty ? 0 : (sum / Double(a.count)).squareRoot()
}
