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
    /// Of a tensor's gradient in such a step, by Euclidean length.
    ///
    /// Gradients are small differences of large sums through all layers, so they get ten times as
    /// much as losses. A GAN's second player is differentiated through the first one's update, in
    /// which Adam makes a whole step of a gradient's sign, be it rounding error: so that update is
    /// the CPU's on both sides.
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
    /// Of steps from the CPU's state: the worst loss; the worst gradient of each tensor; how far
    /// the weights are apart after an update.
    package var losses = 0.0
    package var gradients: [Gradient] = []
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
      let worst = worstGradient
      return [
        check("loss, each step from the CPU's state", losses, Bound.losses),
        check("gradient of \(worst.name)", worst.share, Bound.gradients),
      ]
        + (model.isAdversarial
          ? [
            check("drift of losses", drift.losses, Bound.drift * driftOfOneULP.losses),
            check("drift of weights", drift.weights, Bound.drift * driftOfOneULP.weights),
          ] : [check("loss, running free", freeLosses, Bound.freeLosses)])
    }

    /// Of the tensor where it is farthest off; the first one where all are the same.
    package var worstGradient: Gradient {
      gradients.dropFirst().reduce(gradients.first ?? Gradient(name: "nothing")) {
        $1.share > $0.share ? $1 : $0
      }
    }

    /// A tensor's, in the step in which it was farthest off.
    package struct Gradient: Sendable, Equatable {
      package let name: String
      package var share = 0.0
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
        "loss": number(losses), "weights": number(weights),
        "gradients": .array(
          gradients.map { ["name": .string($0.name), "share": number($0.share)] }),
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
