import FileFormats
import Foundation
import Tensors

/// Writes a run's numbers to its folder: `stats.jsonl`, the TensorBoard file and `log.txt`.
///
/// Every line of `stats.jsonl` has `step`, `epoch`, `loss`, its parts and `rate`; evaluated steps
/// have the metrics too. These are the same in equal runs. Steps with a checkpoint also tell
/// `peakHostBytes`, `peakDeviceBytes` and `picturesPerSecond`, which are not.
///
/// Statistics and events are what the run *is*: on resume they are cut back to the checkpoint, and
/// hold each step once. The log is what *happened*, with the time: it is never cut back, and steps
/// that a killed process had made and a resumed one made again are told of twice, on either side of
/// the line that says where the training went on.
package final class RunRecorder {
  private let statistics: JSONLinesFile
  private let events: EventFile
  private let log: AppendFile
  private let eventEvery: Int

  /// Opens the files, cut back to what they said after `step`.
  package init(_ folder: RunFolder, afterStep step: Int, eventEvery: Int) throws {
    try JSONLinesFile.truncate(path: folder.statistics, afterStep: step)
    try EventFile.truncate(path: folder.events, afterStep: step)
    statistics = try JSONLinesFile(path: folder.statistics)
    events = try EventFile(path: folder.events, wallTime: Date().timeIntervalSince1970)
    self.eventEvery = eventEvery
    log = try AppendFile(path: folder.log)
  }

  package func receive(_ event: TrainingEvent) throws {
    switch event {
    case .started(let step, let total): try note("training from step \(step) to \(total)")
    case .warning(let text): try note("warning: \(text)")
    case .step(let record): try receive(record)
    case .sheet(let sheet): try receive(sheet)
    case .checkpoint(let step, let path): try note("step \(step): checkpoint \(path)")
    case .ended(let step, let isComplete):
      try note(isComplete ? "done after step \(step)" : "stopped after step \(step)")
    }
  }

  private func receive(_ record: StepRecord) throws {
    try statistics.append(record.json)
    guard record.step % eventEvery == 0 || record.step == 1 || record.precedesCheckpoint else {
      return
    }
    var values = [("loss/total", record.loss), ("rate", record.rate)]
    values += record.parts.map { ("loss/\($0.name)", $0.value) }
    values += record.metrics.map { ("heldOut/\($0.name)", $0.value) }
    try append(
      record.step,
      values.map { .init(tag: $0.0, content: .scalar(Float($0.1))) })
    for metric in record.metrics {
      try note(
        "step \(record.step): \(metric.name) \(metric.value) (\(metric.protocolString))")
    }
    if record.precedesCheckpoint {
      // A checkpoint must not know more steps than the statistics do after a power cut.
      try statistics.synchronize()
      try events.synchronize()
    }
  }

  private func receive(_ sheet: Sheet) throws {
    try append(
      sheet.step,
      [
        .init(
          tag: sheet.kind.rawValue,
          content: .image(
            height: sheet.picture.height, width: sheet.picture.width,
            channels: sheet.picture.channels, encoded: sheet.png))
      ])
    try note("step \(sheet.step): \(sheet.kind.rawValue) \(sheet.path)")
  }

  private func append(_ step: Int, _ values: [TensorBoardEvent.Value]) throws {
    try events.append(
      TensorBoardEvent(wallTime: Date().timeIntervalSince1970, step: step, values: values))
  }

  private func note(_ text: String) throws {
    let time = Date().formatted(.iso8601)
    try log.append(Array("\(time) \(text)\n".utf8))
  }
}

extension StepRecord {
  /// A line of `stats.jsonl`.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "step": .integer(step), "epoch": .integer(epoch), "loss": .number(loss),
      "rate": .number(rate),
    ]
    for part in parts { members[part.name] = .number(part.value) }
    for metric in metrics { members[metric.name] = .number(metric.value) }
    if let resources {
      members["peakHostBytes"] = .integer(resources.peakHostBytes)
      members["peakDeviceBytes"] = .integer(resources.peakDeviceBytes)
      members["picturesPerSecond"] = .number(resources.picturesPerSecond)
    }
    return .object(members)
  }
}
