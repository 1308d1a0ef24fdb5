import PackagePlugin

/// Writes the commit that is being built into a source file of its own, before every build.
@main struct BuildCommit: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let package = context.package.directoryURL
    let folder = context.pluginWorkDirectoryURL
    return [
      .prebuildCommand(
        displayName: "Commit of this build",
        executable: package.appending(path: "Plugins/BuildCommit/build-commit.sh"),
        arguments: [package.path, folder.appending(path: "Commit.swift").path],
        outputFilesDirectory: folder)
    ]
  }
}
