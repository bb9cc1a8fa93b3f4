import Foundation

/// The learning rate of each step: a pure function, so that a resumed run needs no state for it.
public struct LearningRateSchedule: Sendable, Hashable, Codable {
  /// How the rate goes on after the warm-up.
  public enum Shape: String, Sendable, Hashable, Codable, CaseIterable {
    /// Stays at its peak.
    case constant
    /// Falls along a half cosine from the peak to the final rate at the last step (Loshchilov and
    /// Hutter 2017, arXiv:1608.03983).
    case cosine
    /// Falls on a straight line from the peak to the final rate at the last step.
    case linear
  }

  /// What comes after the warm-up.
  public var shape: Shape
  /// The highest rate.
  public var peak: Double
  /// Steps over which the rate rises on a straight line from `peak / warmUpSteps` to `peak`; 0 for
  /// none.
  public var warmUpSteps: Int
  /// The rate at the last step, as a share of `peak`; of cosine and linear.
  public var finalShare: Double

  /// A schedule that by default stays at `peak` from the first step.
  ///
  /// - Parameters:
  ///   - shape: How the rate goes on after the warm-up.
  ///   - peak: The highest rate.
  ///   - warmUpSteps: Steps of the rise; none by default.
  ///   - finalShare: The last rate as a share of `peak`, in 0…1; 0 by default.
  public init(
    _ shape: Shape = .constant, peak: Double, warmUpSteps: Int = 0, finalShare: Double = 0
  ) {
    self.shape = shape
    self.peak = peak
    self.warmUpSteps = warmUpSteps
    self.finalShare = finalShare
  }

  /// The rate of the update numbered `step`, from 1, of `total`.
  public func rate(step: Int, of total: Int) -> Double {
    if step <= warmUpSteps { return peak * Double(step) / Double(warmUpSteps) }
    let length = max(total - warmUpSteps, 1)
    let progress = min(Double(step - warmUpSteps) / Double(length), 1)
    switch shape {
    case .constant: return peak
    case .linear: return peak * (1 + (finalShare - 1) * progress)
    case .cosine:
      return peak * (finalShare + (1 - finalShare) * (1 + cos(Double.pi * progress)) / 2)
    }
  }
}
