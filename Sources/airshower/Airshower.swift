@main
struct Airshower {
  static func main() {}
}
