package import ShowerModel

/// A page that shows the events of files one by one, with all it needs inside.
///
/// The page is written front to back: `opening`, a line an event, then `closing`. It runs two
/// scripts, which its policy names by their SHA-256. Data stand in elements that are not run.
package struct BrowserPage: Sendable {
  package let assets: PageAssets
  package let title: String

  /// The table of events, and what all events share.
  package struct Contents: Sendable {
    package var files: [String]
    package var array: DetectorArray
    package var methods: [String]
    package var columns: [EventQuantity]
    /// Events of the page.
    package var total = 0
    /// A row an event, NaN where a value is unknown; nil where a server has the events.
    package var rows: [[Double]]? = []
    /// Index of its file [event].
    package var fileOfRow: [Int] = []
    /// Shown where an event has no waveforms.
    package var waveformNote: String
    /// Under which marks are kept in the browser.
    package var key: String

    package init(
      files: [String], array: DetectorArray, methods: [String], columns: [EventQuantity],
      waveformNote: String, key: String
    ) {
      self.files = files
      self.array = array
      self.methods = methods
      self.columns = columns
      self.waveformNote = waveformNote
      self.key = key
    }
  }

  package init(title: String, assets: PageAssets) {
    self.title = title
    self.assets = assets
  }

  /// Up to the first event.
  package var opening: String {
    """
    \(assets.opening(title: title))
    \(Self.markup.replacing("TITLE", with: EscapedText.html(title)))
    <script type="text/plain" id="events">

    """
  }

  /// From the last event on.
  package func closing(_ contents: Contents) -> String {
    """
    </script>
    <script type="application/json" id="head">\(Self.json(contents))</script>
    \(assets.scripts)
    </body>
    </html>

    """
  }

  private static func json(_ contents: Contents) -> String {
    var json = CompactJSON()
    json.object { json in
      json.member("files") { $0.list(contents.files) { $0.string($1) } }
      json.member("key") { $0.string(contents.key) }
      json.member("waveformNote") { $0.string(contents.waveformNote) }
      json.member("spacing") { $0.number(contents.array.spacing, decimals: 1) }
      json.member("period") { $0.number(contents.array.detector.samplePeriod, decimals: 3) }
      json.member("layers") { $0.integer(contents.array.detector.layerCount) }
      json.member("stations") { json in
        json.list(contents.array.stations) { json, station in
          json.numbers([
            (Double(station.id), 0), (station.position.x, 1), (station.position.y, 1),
          ])
        }
      }
      json.member("methods") { $0.list(contents.methods) { $0.string($1) } }
      json.member("colours") { $0.list(MethodColours.ofPage) { $0.plain($1) } }
      json.member("truthColour") { $0.plain(MethodColours.truth) }
      json.member("lowerColour") { $0.plain(MethodColours.lowerLayer) }
      json.member("columns") { $0.list(contents.columns) { write($1, to: &$0) } }
      json.member("total") { $0.integer(contents.total) }
      guard let rows = contents.rows else { return }
      json.member("fileOf") { $0.list(contents.fileOfRow) { $0.integer($1) } }
      json.member("rows") { $0.list(rows) { $0.row($1) } }
    }
    return json.text
  }

  /// The page of a server, which has the events.
  package func served(_ contents: Contents) -> String {
    opening.replacing("default-src 'none';", with: "default-src 'none'; connect-src 'self';")
      + closing(contents)
  }

  private static func write(_ column: EventQuantity, to json: inout CompactJSON) {
    json.object { json in
      json.member("name") { $0.string(column.name) }
      json.member("unit") { $0.string(column.unit) }
      json.member("meaning") { $0.string(column.meaning) }
      guard !column.words.isEmpty else { return }
      json.member("words") { json in
        json.object { json in
          for value in Set(column.words.values).sorted() {
            json.member("\(Int(value))") { $0.string(column.word(value) ?? "") }
          }
        }
      }
    }
  }

  /// The frame that the script fills.
  private static let markup = """
    <header>
    <h1>TITLE</h1>
    <p class="note">Keys: <kbd>n</kbd> or <kbd>→</kbd> next, <kbd>p</kbd> or <kbd>←</kbd> \
    previous, <kbd>m</kbd> mark. Filters under the headings: <code>&gt;50</code>, \
    <code>10..20</code>, <code>good</code>. Headings sort.</p>
    <noscript><p>This page needs JavaScript.</p></noscript>
    </header>
    <main>
    <p id="message" role="status"></p>
    <div class="bar">
    <span id="count" role="status"></span>
    <label><input type="checkbox" id="only-marked"> marked only</label>
    <button type="button" id="save">Save marks (CSV)</button>
    </div>
    <div id="table" tabindex="0" role="region" aria-label="Table of events">
    <table><thead><tr id="heading"></tr></thead><tbody id="rows"></tbody></table>
    </div>
    <div class="bar">
    <button type="button" id="previous">← Previous</button>
    <button type="button" id="next">Next →</button>
    <button type="button" id="mark" aria-pressed="false">★ Mark</button>
    <button type="button" id="close" aria-pressed="false">Zoom to the cores</button>
    <a id="link" href="#">Link to this event</a>
    </div>
    <h2 id="title" aria-live="polite"></h2>
    <p id="state"></p>
    <div class="scroll"><table class="methods" id="methods"></table></div>
    <div class="panels">
    <section class="panel"><h3>Footprint</h3><div id="footprint"></div>\
    <p class="readout" id="about-station"></p></section>
    <section class="panel"><h3>Lateral distribution</h3><div id="lateral"></div></section>
    <section class="panel"><h3>Shower front</h3><div id="front"></div></section>
    </div>
    <h3>Waveforms [VEM per sample] against time [µs]; dashed: leading edge (black), fitted front \
    (orange)</h3>
    <p class="note" id="waveform-note"></p>
    <div class="waveforms" id="waveforms"></div>
    </main>
    """
}
