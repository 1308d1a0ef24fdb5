import Foundation
import ShowerModel
import Testing

/// Lists of stations of many events: CSV and JSON.
@Suite struct StationListsTests {
  private static let text = """
    event,id,x,y,z,t,signal,sat
    7,1,0,0,0,100,5,0
    7,2,500,0,0,200,6,1
    9,1,0,0,0,50,5,0
    7,3,0,500,0,,,
    9,3,0,500,0,40,2,
    """

  private func reason(_ text: String, array: DetectorArray? = nil) -> String {
    do {
      _ = try StationLists(parsing: text, file: "lists", array: array)
      return ""
    } catch { return "\(error)" }
  }

  @Test func eventsAreThoseOfTheColumn() throws {
    let lists = try StationLists(parsing: Self.text, file: "lists")
    #expect(lists.events.map(\.eventID) == [7, 9])
    let first = lists.events[0]
    #expect(first.array.stations.map(\.id) == [1, 2, 3] && !first.array.hasGrid)
    #expect(first.timeOrigin == 100 && first.signals.map(\.time) == [0, 100])
    #expect(first.signals.map(\.isSaturated) == [false, true])
    #expect(lists.events[1].timeOrigin == 40)
  }

  @Test func jsonIsTheSame() throws {
    let json = """
      [{"event": 7, "stations": [
        {"id": 1, "x": 0, "y": 0, "z": 0, "t": 100, "signal": 5},
        {"id": 2, "x": 500, "y": 0, "z": 0, "t": 200, "signal": 6, "sat": 1},
        {"id": 3, "x": 0, "y": 500, "z": 0}]},
       {"event_id": 9, "stations": [
        {"station_id": 1, "x": 0, "y": 0, "z": 0, "t": 50, "signal": 5},
        {"id": 3, "x": 0, "y": 500, "z": 0, "t": 40, "signal": 2}]}]
      """
    let (a, b) = (
      try StationLists(parsing: Self.text, file: "lists"),
      try StationLists(parsing: json, file: "lists")
    )
    #expect(a.events.map(\.array) == b.events.map(\.array))
    for (a, b) in zip(a.events, b.events) {
      #expect(a.eventID == b.eventID && a.timeOrigin == b.timeOrigin)
      #expect(a.signals.map(\.time) == b.signals.map(\.time))
      #expect(a.signals.map(\.upper) == b.signals.map(\.upper))
      #expect(a.signals.map(\.isSaturated) == b.signals.map(\.isSaturated))
    }
  }

  @Test func positionsMayBeThoseOfAnArray() throws {
    let array = DetectorArray.idealGrid(columns: 2, rows: 2)
    let text = "id,t,signal\n101,5,1\n202,7,2\n"
    let list = try #require(
      try StationLists(parsing: text, file: "lists", array: array).events.first)
    #expect(
      list.array == array && list.signals.map { array.stations[$0.station].id } == [101, 202])
    #expect(
      reason("id,t,signal\n5,1,1\n", array: array)
        == "lists, line 2: station 5 is unknown to the array ideal-2x2")
  }

  @Test func faultsNameTheLine() {
    #expect(
      reason("event,id,x,y,z,t,signal\n1,1,0,0,0,5,x\n")
        == "lists, line 2: signal is not a number: \"x\"")
    #expect(
      reason("event,id,x,y,z,t,signal\na,1,0,0,0,5,1\n")
        == "lists, line 2: event is not a whole number: \"a\"")
    #expect(
      reason("id,x,y,z,t,signal\n1,0,0,0,5,1\n1,9,0,0,5,1\n")
        == "lists, line 3: station 1 appears twice")
    #expect(
      reason("id,t,signal\n1,1,1\n")
        == "lists, line 1: no column \"x\"; the header must name id, x, y, z [m], t [ns], "
        + "signal [VEM]")
    #expect(
      reason(#"[{"event": 4, "stations": [{"id": 1, "x": 0, "y": 0, "z": 0, "t": 1}]}]"#)
        == "lists: event 4, station number 0: t and signal must both be there, or neither")
    #expect(reason(#"[{"event": 4}]"#).hasPrefix("lists: no list of events in JSON: 0: "))
  }

  @Test func positionsInKilometresAreRefused() {
    let text = Self.text.replacing("500", with: "0.5")
    #expect(
      reason(text)
        == "lists: positions can hardly be metres: stations are 0.5 apart. Multiply kilometres by "
        + "1000. If the array is so small, state it by the line \"# unit: m\" (JSON: \"unit\": "
        + "\"m\")")
    #expect(reason("# unit: m\n" + text) == "")
  }
}
