internal import ShowerModel

/// Script and style of a page, and the library that draws its plots.
///
/// They stand inside the page, which opens offline.
package struct PageAssets: Sendable {
  package var script: String
  package var style: String
  /// uPlot, with its style and its licence.
  package var library: String
  package var libraryStyle: String
  package var libraryLicence: String
  /// SHA-256 of the library and of the script, in base 64.
  package var hashes: [String]

  package init(
    script: String, style: String, library: String, libraryStyle: String, libraryLicence: String,
    hashes: [String]
  ) {
    self.script = script
    self.style = style
    self.library = library
    self.libraryStyle = libraryStyle
    self.libraryLicence = libraryLicence
    self.hashes = hashes
  }

  /// The rights of the page in a browser: it shows what it holds and runs its own two scripts.
  ///
  /// They are identified by their SHA-256. No other script and no attribute such as onclick runs,
  /// and nothing is loaded.
  private var policy: String {
    let scripts = hashes.map { "'sha256-\($0)'" }.joined(separator: " ")
    return "default-src 'none'; script-src \(scripts); style-src 'unsafe-inline'; img-src data:; "
      + "base-uri 'none'; form-action 'none'"
  }

  /// A page up to its body.
  func opening(title: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="\(policy)">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(EscapedText.html(title))</title>
    <style>
    \(libraryStyle)
    \(style)
    </style>
    </head>
    <body>
    """
  }

  /// Licence, library and script, for the end of a page.
  var scripts: String {
    """
    <!--
    \(libraryLicence.replacing("--", with: "- -"))
    -->
    <script>\(library)</script>
    <script>\(script)</script>
    """
  }
}
