/// The word that someone who typed `word` most likely meant.
///
/// A candidate counts when it takes at most a third of its letters as insertions, deletions,
/// replacements or swaps of neighbours (at least one) to get there, or when `word` begins it;
/// capitals do not count. The nearest wins, the first of equals.
package func nearMiss(_ word: String, among candidates: [String]) -> String? {
  let typed = Array(word.lowercased())
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let letters = Array(candidate.lowercased())
    var distance = editDistance(typed, letters)
    if typed.count >= 3, letters.starts(with: typed) { distance = min(distance, 1) }
    guard distance <= max(1, letters.count / 3) else { continue }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  return best?.candidate
}

/// Optimal string alignment distance (Damerau 1964): a swap of neighbours counts once.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var distance = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        distance = min(distance, rows[i - 1][j - 1] + 1)
      }
      row.append(distance)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
