/// The known name that a misspelt word most likely stands for. It has the smallest edit distance
/// (Levenshtein: letters changed, added or left out), without regard to case. The first 64
/// characters of the word count. "" if no name is known.
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
  let letters = Array(word.prefix(64).lowercased())
  return known.min {
    distance(letters, Array($0.lowercased())) < distance(letters, Array($1.lowercased()))
  } ?? ""
}
