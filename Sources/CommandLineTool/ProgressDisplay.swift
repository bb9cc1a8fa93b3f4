import Foundation
import Tensors
import Training

/// Shows a training on stderr: one rewriting line on a terminal, plain lines now and then
/// elsewhere.
final class ProgressDisplay {
  private let batchSize: Int
  private let data: TrainingData
  private let countsPictures: Bool
  private let line: ProgressLine
  private var total = 0
  /// The step that rates count from, and its end: the first one, which may wait for compilers.
  private var first: (step: Int, ended: ContinuousClock.Instant)?
  private let clock = ContinuousClock()

  /// `countsPictures` tells thousands of pictures shown in place of epochs, as is usual of GANs.
  init(
    _ data: TrainingData, batchSize: Int, countsPictures: Bool = false,
    isTerminal: Bool = Console.isTerminal
  ) {
    self.countsPictures = countsPictures
    self.batchSize = batchSize
    self.data = data
    line = ProgressLine(isTerminal: isTerminal)
  }

  func receive(_ event: TrainingEvent) {
    switch event {
    case .started(let step, let total):
      self.total = total
      if step > 0, step < total { line.say("going on after step \(step) of \(total)") }
      if step == total { line.say("all \(total) steps are done already") }
      if step < total { line.rewrite("preparing step \(step + 1)/\(total)") }
    case .warning(let text): line.say("warning: \(text)")
    case .step(let record):
      if first == nil { first = (record.step, clock.now) }
      show(record)
    case .sheet, .checkpoint: break
    case .ended(let step, let isComplete):
      if !isComplete { line.say("stopped after step \(step) of \(total)") }
      close()
    }
  }

  private func show(_ record: StepRecord) {
    line.show(describe(record), isDue: record.step == total || !record.metrics.isEmpty)
    for metric in record.metrics where record.step < total {
      line.say("step \(record.step): \(Self.describe(metric))")
    }
  }

  private func describe(_ record: StepRecord) -> String {
    let steps = record.step - (first?.step ?? record.step)
    let seconds = first.map { (clock.now - $0.ended) / .seconds(1) } ?? 0
    let place =
      countsPictures
      ? "kimg \(Self.number(kimg(record.step)))/\(Self.number(kimg(total)))"
      : "epoch \(record.epoch)/\(data.epoch(ofStep: total, batchSize: batchSize))"
    return Self.line(
      step: record.step, of: total, place: place, loss: record.loss,
      stepsPerSecond: steps > 0 ? Double(steps) / max(seconds, 1e-9) : nil, batchSize: batchSize)
  }

  private func kimg(_ steps: Int) -> Double { Double(steps * batchSize) / 1000 }

  /// Says something that stays, above the line.
  func say(_ text: String) { line.say(text) }

  /// Such as `step 120/1407  epoch 1/4  loss 312.4  3120 pictures/s  0:12 left`; the first step
  /// has no rate.
  static func line(
    step: Int, of steps: Int, place: String, loss: Double, stepsPerSecond: Double?,
    batchSize: Int
  ) -> String {
    var parts = ["step \(step)/\(steps)", place, "loss \(number(loss))"]
    if let stepsPerSecond {
      parts += [
        "\(Int(stepsPerSecond * Double(batchSize))) pictures/s",
        "\(time(Double(steps - step) / stepsPerSecond)) left",
      ]
    }
    return parts.joined(separator: "  ")
  }

  /// Ends a line that was being rewritten, before anything else is said.
  func close() { line.close() }

  /// Name, value and protocol.
  static func describe(_ metric: Metric) -> String {
    "\(metric.name) \(number(metric.value)) (\(metric.protocolString))"
  }

  /// Four significant digits or two decimals, whichever is more.
  static func number(_ value: Double) -> String {
    String(format: abs(value) >= 10 ? "%.2f" : "%.4g", value)
  }

  /// Such as `0:07`, `12:30` or `3:05:00`.
  static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest)
      : String(format: "%d:%02d", minutes, rest)
  }
}
