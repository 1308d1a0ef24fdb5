/// What a server of the page tells the script, as JSON.
package enum ServedTable {
  /// Rows of the table: index, file and values of each event.
  package static func rows(_ rows: [(index: Int, file: Int, values: [Double])]) -> String {
    var json = CompactJSON()
    json.list(rows) { $0.row([Double($1.index), Double($1.file)] + $1.values) }
    return json.text
  }

  /// An event that was looked for and its place in the view, -1 where it is not there.
  package static func found(
    _ row: (index: Int, file: Int, values: [Double])?, place: Int
  ) -> String {
    var json = CompactJSON()
    json.object { json in
      json.member("row") { json in
        if let row {
          json.row([Double(row.index), Double(row.file)] + row.values)
        } else {
          json.null()
        }
      }
      json.member("place") { $0.integer(place) }
    }
    return json.text
  }

  /// How many events a view has, and the place of one of them.
  package static func view(count: Int, place: Int) -> String {
    "{\"count\":\(count),\"place\":\(place)}"
  }
}
