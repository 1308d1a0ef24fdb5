/// Names that a file or an option may hold, each made to be taken for something else by one of the
/// targets of our text.
///
/// Commands in them make a file whose name begins with `PWNED`, scripts set the title of a page to
/// it: where neither is found, nothing was executed.
public enum HostileText {
  public static let names: [String] =
    shells + gnuplots + lines + controls + formats + markup + documents + paths + strange

  /// A handful that holds the tricks of all, to be sent through whole processes.
  public static let combined: [String] = [
    "a\nsystem \":> PWNED1\"\n#",
    "a\r\nsystem ':> PWNED2'\r\n#",
    "'; system ':> PWNED3'; print '`:> PWNED4`\"; !:> PWNED5 $(:> PWNED6) @MACRO %q {",
    "<script>document.title='PWNED'</script>\"><img src=x onerror=\"document.title='PWNED'\">",
    "=cmd|' !A0,\u{1B}]0;PWNED\u{07}\u{1B}[31m\u{202E}\u{2028}\u{85}\u{7F}%s%n{/*40 x}_^\\",
  ]

  private static let shells = [
    "`:> PWNED`", "$(:> PWNED)", "${PATH}", "$HOME", "; :> PWNED ;", "| cat > PWNED", "< :> PWNED",
    "&& touch PWNED", "' ; :> PWNED '", "\" ; :> PWNED \"", "-rf", "--output=PWNED", "~root", "*",
  ]
  private static let gnuplots = [
    "system \":> PWNED\"", "!touch PWNED", "'\nsystem ':> PWNED'\n#", "\"\nsystem \":> PWNED\"\n#",
    "a\r\nsystem \":> PWNED\" #", "'.system(':> PWNED').'", "\".system(\":> PWNED\").\"",
    "{/*10 x}", "{", "}", "}}}{{{", "a_b^c@d&e~f", "@MACRO", "\\U+0027", "\\U+<b>", "\\", "\\\\'",
    "''", "'''",
    "{/:Bold x", "# \\", "$1", "notitle", "\\n",
  ]
  private static let lines = [
    "\n", "a\nb", "a\rb", "a\r\nb", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\u{0B}b\u{0C}c",
    "a\tb",
  ]
  private static let controls = [
    "\u{1B}[31mred", "\u{1B}]0;title\u{07}", "\u{9B}31m", "\u{08}\u{08}back", "\u{7F}", "a\u{0}b",
    "\u{202E}gnp.exe", "\u{2066}a\u{2069}", "\u{200E}\u{200F}\u{061C}", "\u{200B}\u{FEFF}",
    "\u{E0041}", "\u{FFFE}",
  ]
  private static let formats = ["%s%n%x", "%q", "100 %", "%%", "%1$s", "%@"]
  private static let markup = [
    "<script>document.title='PWNED'</script>", "</script><script>document.title='PWNED'</script>",
    "<img src=x onerror=\"document.title='PWNED'\">", "\"><svg onload=\"document.title='PWNED'\">",
    "' onmouseover='document.title=1", "]]>", "&lt;b&gt;", "&#60;", "<!--", "</title><h1>",
    "javascript:document.title='PWNED'", "a|b`c`*d*_e_[f](g)",
  ]
  private static let documents = [
    "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "a,b", "a\"b", "\",\"", "\"}],\"x\":[{\"",
    "\\\"", "null",
  ]
  private static let paths = ["../../PWNED", "/etc/PWNED", "..", ".", "a/b", "-", "C:\\x", ".h5"]
  private static let strange = [
    "", " ", "  a  ", "e\u{301}", "a\u{300}\u{301}\u{302}\u{303}", "😀", "👩‍👩‍👧", "日本語",
    String(repeating: "x", count: 255), String(repeating: "'", count: 64),
    String(repeating: "é", count: 2000),
  ]
}
