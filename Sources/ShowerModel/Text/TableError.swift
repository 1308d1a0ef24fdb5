/// What is wrong with a table.
public struct TableError: Error, Equatable, CustomStringConvertible {
  public var table: String
  public var line: Int?
  public var reason: String

  public init(table: String, line: Int? = nil, reason: String) {
    self.table = table
    self.line = line
    self.reason = reason
  }

  public var description: String {
    table + (line.map { ", line \($0)" } ?? "") + ": " + reason
  }
}
