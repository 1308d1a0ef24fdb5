/// The name that a misspelt one most likely stands for, by the fewest letters changed, added or
/// left out (edit distance of Levenshtein), capitals and small letters alike; "" where none is
/// known.
public func nearestName(to word: String, in known: [String]) -> String {
  func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
  let letters = Array(word.lowercased())
  return known.min {
    distance(letters, Array($0.lowercased())) < distance(letters, Array($1.lowercased()))
  } ?? ""
}
