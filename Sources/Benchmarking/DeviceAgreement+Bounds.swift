import FileFormats
import Foundation
import Tensors

extension DeviceAgreement {
  /// Largest differences allowed between a device and the CPU in float32.
  package enum Bound {
    /// Of a loss after a step from the CPU's state, relative: it is a mean or sum of thousands of
    /// terms, whose rounding errors in another order, or of another library's functions, are some
    /// 1e-6 of it.
    package static let losses = 1e-4
    /// Of a gradient in such a step, by Euclidean length.
    ///
    /// Gradients are small differences of large sums through all layers, so they get ten times as
    /// much as losses. All of a player's together are held
    /// to it, and each tensor's alone; but a GAN's second player is differentiated through the first
    /// one's update, in which Adam makes a whole step of a gradient's sign, be it rounding error: so
    /// each of its tensors may differ by as much as ``drift`` times what a change of all weights by one
    /// unit in the last place does to it in that step on the CPU, where that is more.
    package static let gradients = 1e-3
    /// Of any loss of a VAE or of the tiny pair running free, relative: nothing in them amplifies
    /// differences, which add up over the steps.
    package static let freeLosses = 1e-3
    /// Of a GAN running free, times what the CPU drifts from itself when each initial weight is moved
    /// by one unit in the last place: two players magnify whatever differs, so that only another such
    /// difference is a measure; a device rounds otherwise in every step, not in the first alone.
    package static let drift = 4.0
  }

  /// How far two runs are apart at their end, by Euclidean length as a share of the CPU's.
  package struct Drift: Sendable, Equatable {
    /// Of all losses on the way.
    package var losses = 0.0
    /// Of all trainable parameters.
    package var weights = 0.0
  }

  /// A figure beside its bound.
  package struct Check: Sendable, Equatable {
    package let model: String
    /// Such as `loss, each step from the CPU's state`.
    package let what: String
    package let found, allowed: Double

    package var isHeld: Bool { found <= allowed }
  }

  /// What comparing one model gave.
  package struct Found {
    package let model: Model
    package let steps: Int
    /// Of steps from the CPU's state: the worst loss; the worst gradient of a player, and the worst
    /// of each tensor; how far the weights are apart after a step.
    package var losses = 0.0
    package var gradients = 0.0
    package var tensors: [Gradient] = []
    package var weights = 0.0
    /// Running free: the worst loss, the drift, and the CPU's own after a change of one ULP.
    package var freeLosses = 0.0
    package var drift = Drift()
    package var driftOfOneULP = Drift()
    /// Whether losses, weights, statistics and optimisers had the CPU's bits after all steps.
    package var hasSameBits = false
    /// Kernels that gave other bits than the CPU's from the same operands; looked for where bits
    /// differ.
    package var calls: [CallDifference] = []

    package var checks: [Check] {
      [
        check("loss, each step from the CPU's state", losses, Bound.losses),
        check("gradients, each step from the CPU's state", gradients, Bound.gradients),
      ] + (worstTensor.map { [check("gradient of \($0.name)", $0.share, $0.allowed)] } ?? [])
        + (model.isAdversarial
          ? [
            check("drift of losses", drift.losses, Bound.drift * driftOfOneULP.losses),
            check("drift of weights", drift.weights, Bound.drift * driftOfOneULP.weights),
          ] : [check("loss, running free", freeLosses, Bound.freeLosses)])
    }

    /// The tensor whose gradient is nearest its bound, or farthest beyond.
    package var worstTensor: Gradient? { tensors.max { $0.ratio < $1.ratio } }

    /// The step in which a tensor's gradient was nearest its bound.
    package struct Gradient: Sendable, Equatable {
      package let name: String
      package private(set) var share = 0.0
      package private(set) var allowed = Bound.gradients

      init(name: String) { self.name = name }

      var ratio: Double { share / allowed }

      mutating func note(_ share: Double, ofOneULP change: Double) {
        let allowed = change.isFinite ? max(Bound.gradients, Bound.drift * change) : Bound.gradients
        if share / allowed > ratio { (self.share, self.allowed) = (share, allowed) }
      }
    }

    private func check(_ what: String, _ found: Double, _ allowed: Double) -> Check {
      Check(model: model.rawValue, what: what, found: found, allowed: allowed)
    }
  }
}

extension DeviceAgreement.Model {
  /// Whether players train against each other, which makes differences grow.
  var isAdversarial: Bool { self == .dcgan }
}

extension DeviceAgreement.Found {
  /// Headings of ``lines``.
  package static let heading = columns("model", "what", "worst", "allowed", "")

  /// For people.
  package var lines: [String] {
    checks.map { check in
      Self.columns(
        check.model, check.what, String(format: "%.2g", check.found),
        String(format: "%.2g", check.allowed), check.isHeld ? "" : "OUT OF BOUNDS")
    } + [bitsLine]
      + calls.map { call in
        let sizes = call.sizes.isEmpty ? "" : " \(call.sizes)"
        return Self.columns(
          "", "  \(call.kind)\(sizes)", String(format: "%.2g", call.share), "-",
          "\(call.calls) call\(call.calls == 1 ? "" : "s")")
      }
  }

  private var bitsLine: String {
    let bits =
      hasSameBits
      ? "the CPU's bits after \(steps) steps"
      : "other bits than the CPU's after \(steps) steps"
        + (calls.isEmpty ? "" : "; kernels that differ from the same operands:")
    return Self.columns(model.rawValue, bits, "", "", "").trimmingCharacters(in: .whitespaces)
  }

  private static func columns(_ cells: String...) -> String {
    let widths = [12, 48, 10, 10]
    let padded = zip(cells, widths).map {
      $0 + String(repeating: " ", count: max(1, $1 - $0.count))
    }
    return padded.joined() + cells[widths.count]
  }

  package var json: JSONValue {
    func number(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
    return [
      "model": .string(model.rawValue), "steps": .integer(steps),
      "fromSameState": [
        "loss": number(losses), "gradients": number(gradients), "weights": number(weights),
        "tensors": .array(
          tensors.map {
            [
              "name": .string($0.name), "gradient": number($0.share),
              "allowed": number($0.allowed),
            ]
          }),
      ],
      "runningFree": [
        "loss": number(freeLosses), "driftOfLosses": number(drift.losses),
        "driftOfWeights": number(drift.weights),
        "driftOfLossesByOneULP": number(driftOfOneULP.losses),
        "driftOfWeightsByOneULP": number(driftOfOneULP.weights),
      ],
      "checks": .array(
        checks.map {
          [
            "what": .string($0.what), "worst": number($0.found), "allowed": number($0.allowed),
            "isHeld": .bool($0.isHeld),
          ]
        }),
      "hasSameBits": .bool(hasSameBits),
      "differingKernels": .array(
        calls.map {
          [
            "kernel": .string($0.kind), "sizes": .string($0.sizes), "calls": .integer($0.calls),
            "share": number($0.share),
          ]
        }),
    ]
  }
}
