public import ShowerModel

extension BuildIdentity {
  /// The build that runs: the version of the package, and the commit that the plug-in BuildCommit
  /// found.
  ///
  /// A module of its own, so that a new commit compiles no other library anew.
  public static let current = BuildIdentity(
    version: "1.0.0", commit: builtCommit, isModified: builtFromModifiedFiles)
}
