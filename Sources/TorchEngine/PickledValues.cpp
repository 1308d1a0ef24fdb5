#include "PickledValues.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "Refused.h"

namespace airshower {

namespace {

enum class Kind { none, boolean, integer, floating, text, tuple, list, dictionary, name, instance, storage, tensor, other };

// A value, or what is known of it.
struct Value {
  Kind kind = Kind::none;
  int64_t integer = 0;
  std::string text;
  std::vector<size_t> items;
  // Of values within values.
  size_t depth = 1;
  bool is_filled = false;
  // Part of another value, so that nothing can be put into it any more: no value holds itself.
  bool is_used = false;
  // How often it lies on the stack.
  size_t places = 0;
};

constexpr size_t deepest = 100, most_values = 2000000, most_looks = 50000000;

struct NumberType {
  const char *storage;
  int64_t size;
};
constexpr NumberType number_types[] = {
    {"ByteStorage", 1},  {"CharStorage", 1},   {"ShortStorage", 2},    {"IntStorage", 4},
    {"LongStorage", 8},  {"HalfStorage", 2},   {"FloatStorage", 4},    {"DoubleStorage", 8},
    {"BoolStorage", 1},  {"BFloat16Storage", 2}, {"ComplexFloatStorage", 8}, {"ComplexDoubleStorage", 16},
};

class Reader {
 public:
  Reader(const Records &records, const std::string &record, const std::string &folder)
      : records(records), record(record), folder(folder), bytes(records.at(record)) {}

  void check(Kind whole) {
    require(byte() == 0x80 && byte() == 2, "another protocol than 2");
    while (follow()) {
    }
    require(at == bytes.size() && stack.size() == 1 && marks.empty(), "more than one value");
    require(values[stack[0]].kind == whole, "no network");
  }

 private:
  [[noreturn]] void refuse(const std::string &what) const {
    throw Refused(record + ", byte " + std::to_string(at) + ": " + what +
                  ": only what torch.jit.save writes of parameters and plain values is read");
  }
  void require(bool holds, const char *what) const {
    if (!holds) refuse(what);
  }

  // MARK: bytes

  uint8_t byte() { return static_cast<uint8_t>(number(1)); }
  uint64_t number(size_t count) {
    require(bytes.size() - at >= count, "it ends early");
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    at += count;
    return value;
  }
  std::string text(size_t count) {
    require(bytes.size() - at >= count, "it ends early");
    at += count;
    return bytes.substr(at - count, count);
  }
  std::string line() {
    const auto end = bytes.find('\n', at);
    require(end != std::string::npos, "it ends early");
    auto result = text(end - at);
    ++at;
    return result;
  }

  // MARK: values

  void push(Kind kind, int64_t integer = 0, std::string content = "") {
    require(values.size() < most_values, "too many values");
    Value value;
    value.kind = kind;
    value.integer = integer;
    value.text = std::move(content);
    values.push_back(std::move(value));
    lay(values.size() - 1);
  }
  void lay(size_t value) {
    stack.push_back(value);
    ++values[value].places;
  }
  size_t pop() {
    require(stack.size() > (marks.empty() ? 0 : marks.back()), "a value is missing");
    const auto value = stack.back();
    stack.pop_back();
    --values[value].places;
    return value;
  }
  std::vector<size_t> pop_marked() {
    require(!marks.empty(), "a mark is missing");
    const std::vector<size_t> items(stack.begin() + static_cast<ptrdiff_t>(marks.back()), stack.end());
    stack.resize(marks.back());
    marks.pop_back();
    for (const auto item : items) --values[item].places;
    return items;
  }
  void put(size_t whole, const std::vector<size_t> &items) {
    for (const auto item : items) {
      values[item].is_used = true;
      values[whole].depth = std::max(values[whole].depth, values[item].depth + 1);
    }
    require(values[whole].depth <= deepest, "values too deep within values");
    values[whole].items = items;
  }
  void push_tuple(size_t count) {
    std::vector<size_t> items;
    for (size_t i = 0; i < count; ++i) items.push_back(pop());
    std::reverse(items.begin(), items.end());
    push(Kind::tuple);
    put(stack.back(), items);
  }
  // The list or dictionary on top, which is filled once, and by nothing that holds it.
  size_t container(Kind kind) {
    require(!stack.empty() && (marks.empty() || stack.size() > marks.back()), "a value is missing");
    const auto value = stack.back();
    require(values[value].kind == kind && !values[value].is_filled && !values[value].is_used,
            "a value is changed");
    values[value].is_filled = true;
    return value;
  }
  const Value &item(const Value &whole, size_t index) const { return values[whole.items[index]]; }
  bool are(const Value &whole, std::initializer_list<Kind> kinds) const {
    if (whole.kind != Kind::tuple || whole.items.size() != kinds.size()) return false;
    size_t index = 0;
    for (const auto kind : kinds)
      if (item(whole, index++).kind != kind) return false;
    return true;
  }

  // MARK: instructions

  bool follow() {
    const auto instruction = byte();
    switch (instruction) {
      case '.': return false;
      case '(': marks.push_back(stack.size()); break;
      case 'N': push(Kind::none); break;
      case 0x88: push(Kind::boolean, 1); break;
      case 0x89: push(Kind::boolean, 0); break;
      case 'K': push(Kind::integer, static_cast<int64_t>(number(1))); break;
      case 'M': push(Kind::integer, static_cast<int64_t>(number(2))); break;
      case 'J': push(Kind::integer, static_cast<int32_t>(number(4))); break;
      case 0x8a:
        require(byte() == 8, "an integer of other than 8 bytes");
        push(Kind::integer, static_cast<int64_t>(number(8)));
        break;
      case 'G': number(8); push(Kind::floating); break;
      case 'X': push(Kind::text, 0, text(number(4))); break;
      case ')': push(Kind::tuple); break;
      case 0x85: push_tuple(1); break;
      case 0x86: push_tuple(2); break;
      case 0x87: push_tuple(3); break;
      case 't': {
        const auto items = pop_marked();
        push(Kind::tuple);
        put(stack.back(), items);
        break;
      }
      case ']': push(Kind::list); break;
      case '}': push(Kind::dictionary); break;
      case 'a': {
        const auto last = pop();
        put(container(Kind::list), {last});
        break;
      }
      case 'e': {
        const auto items = pop_marked();
        put(container(Kind::list), items);
        break;
      }
      case 'u': fill_dictionary(); break;
      case 'q': remember(number(1)); break;
      case 'r': remember(number(4)); break;
      case 'h': recall(number(1)); break;
      case 'j': recall(number(4)); break;
      case 'c': push_name(); break;
      case 0x81: make_instance(); break;
      case 'b': build(); break;
      case 'Q': push_storage(); break;
      case 'R': call(); break;
      default: refuse("the instruction " + std::to_string(instruction));
    }
    return true;
  }

  void fill_dictionary() {
    const auto items = pop_marked();
    require(items.size() % 2 == 0, "a key without a value");
    for (size_t i = 0; i < items.size(); i += 2) {
      const auto kind = values[items[i]].kind;
      require(kind == Kind::text || kind == Kind::integer || kind == Kind::floating || kind == Kind::boolean,
              "a key that is no plain value");
    }
    put(container(Kind::dictionary), items);
  }

  void remember(uint64_t number) {
    require(!stack.empty() && (marks.empty() || stack.size() > marks.back()), "a value is missing");
    require(number == memory.size(), "values remembered out of order");
    memory.push_back(stack.back());
  }
  void recall(uint64_t number) {
    require(number < memory.size(), "a value that was not remembered");
    const auto value = memory[static_cast<size_t>(number)];
    const auto kind = values[value].kind;
    // What is still open could be put into itself.
    if (kind == Kind::list || kind == Kind::dictionary || kind == Kind::instance)
      require(values[value].places == 0, "a value within itself");
    lay(value);
  }

  void push_name() {
    const auto module = line();
    const auto name = module + "." + line();
    static const char *const known[] = {
        "collections.OrderedDict",       "torch._utils._rebuild_tensor_v2", "torch.device",
        "torch.jit._pickle.restore_type_tag", "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist",
        "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist"};
    bool is_known = is_class(name) || size_of(name) > 0;
    for (const auto *other : known) is_known = is_known || name == other;
    if (!is_known) refuse("it calls " + name);
    push(Kind::name, 0, name);
  }
  static bool is_class(const std::string &name) {
    return name.rfind("__torch__.", 0) == 0 && name.rfind("__torch__.torch.classes", 0) != 0;
  }
  // Bytes of a number of a storage "torch.FloatStorage"; 0 for other names.
  static int64_t size_of(const std::string &name) {
    for (const auto &type : number_types)
      if (name == std::string("torch.") + type.storage) return type.size;
    return 0;
  }

  void make_instance() {
    const auto arguments = pop(), name = pop();
    require(values[arguments].kind == Kind::tuple && values[arguments].items.empty() &&
                values[name].kind == Kind::name && is_class(values[name].text),
            "an instance of no class");
    push(Kind::instance);
  }
  void build() {
    const auto state = pop();
    require(values[state].kind == Kind::dictionary, "an instance with a state of its own (__setstate__)");
    for (size_t i = 0; i < values[state].items.size(); i += 2)
      require(item(values[state], i).kind == Kind::text, "an attribute without a name");
    put(container(Kind::instance), {state});
  }

  void push_storage() {
    const auto &arguments = values[pop()];
    require(are(arguments, {Kind::text, Kind::name, Kind::text, Kind::text, Kind::integer}) &&
                item(arguments, 0).text == "storage",
            "a tensor without numbers");
    const auto size = size_of(item(arguments, 1).text), count = item(arguments, 4).integer;
    const auto &key = item(arguments, 2).text, &device = item(arguments, 3).text;
    require(!key.empty() && key.find_first_not_of("0123456789") == std::string::npos,
            "numbers in a record without a number");
    require(device == "cpu" || device == "cuda" || device.rfind("cuda:", 0) == 0, "an unknown device");
    const auto found = records.find(folder + key);
    const auto available = found == records.end() ? 0 : static_cast<int64_t>(found->second.size());
    require(size > 0 && count >= 0 && count <= available / std::max<int64_t>(size, 1),
            "a tensor larger than its record");
    push(Kind::storage, count);
  }

  // rebuild(storage, first, shape, strides, has gradient, hooks)
  void check_tensor(const Value &arguments) {
    require(are(arguments, {Kind::storage, Kind::integer, Kind::tuple, Kind::tuple, Kind::boolean, Kind::dictionary}),
            "a tensor of another form");
    const auto &shape = item(arguments, 2), &strides = item(arguments, 3);
    require(shape.items.size() == strides.items.size() && shape.items.size() <= 16, "a tensor of another form");
    const int64_t available = item(arguments, 0).integer;
    int64_t last = item(arguments, 1).integer, count = 1;
    require(last >= 0 && last <= available, "a tensor larger than its record");
    bool is_empty = false;
    for (size_t i = 0; i < shape.items.size(); ++i) {
      const auto &size = item(shape, i), &stride = item(strides, i);
      require(size.kind == Kind::integer && stride.kind == Kind::integer && size.integer >= 0 &&
                  stride.integer >= 0,
              "a tensor of another form");
      if (size.integer == 0) {
        is_empty = true;
        continue;
      }
      int64_t reach = 0;
      require(!__builtin_mul_overflow(count, size.integer, &count) &&
                  static_cast<uint64_t>(count) <= most_parameters &&
                  !__builtin_mul_overflow(size.integer - 1, stride.integer, &reach) &&
                  !__builtin_add_overflow(last, reach, &last),
              "a tensor of too many numbers");
    }
    require(is_empty || last < available, "a tensor larger than its record");
  }

  void call() {
    const auto argument = pop(), called = pop();
    const auto name = values[called].text;
    const auto &arguments = values[argument];
    require(values[called].kind == Kind::name && arguments.kind == Kind::tuple, "a call of no function");
    values[argument].is_used = true;
    if (name == "collections.OrderedDict") {
      require(arguments.items.empty(), "a dictionary of another form");
      push(Kind::dictionary);
      values[stack.back()].is_filled = true;
    } else if (name == "torch._utils._rebuild_tensor_v2") {
      check_tensor(arguments);
      push(Kind::tensor);
    } else if (name == "torch.device") {
      require(are(arguments, {Kind::text}) && item(arguments, 0).text == "cpu", "another device");
      push(Kind::other);
    } else if (name == "torch.jit._pickle.restore_type_tag") {
      restore(arguments);
    } else {
      build_list(name, arguments);
    }
  }

  // restore_type_tag(list or dictionary, its type)
  void restore(const Value &arguments) {
    require(are(arguments, {Kind::list, Kind::text}) || are(arguments, {Kind::dictionary, Kind::text}),
            "a typed value of another form");
    const auto &type = item(arguments, 1).text;
    const auto brackets = std::count(type.begin(), type.end(), '[');
    require(type.size() <= 1000 && brackets <= 10 && type.find("classes") == std::string::npos,
            "a typed value of another type");
    for (const auto c : type)
      require(std::isalnum(static_cast<unsigned char>(c)) || std::strchr("_.,[] ", c), "a typed value of another type");
    lay(arguments.items[0]);
  }

  void build_list(const std::string &name, const Value &arguments) {
    const auto kind = name == "torch.jit._pickle.build_intlist"      ? Kind::integer
                      : name == "torch.jit._pickle.build_doublelist" ? Kind::floating
                      : name == "torch.jit._pickle.build_boollist"   ? Kind::boolean
                      : name == "torch.jit._pickle.build_tensorlist" ? Kind::tensor
                                                                     : Kind::none;
    require(kind != Kind::none && are(arguments, {Kind::list}), "a call with other arguments");
    for (const auto element : item(arguments, 0).items) {
      require(++looked_at < most_looks, "too many lists");
      require(values[element].kind == kind, "a list of other values");
    }
    lay(arguments.items[0]);
  }

  const Records &records;
  const std::string record, folder;
  const std::string &bytes;
  size_t at = 0, looked_at = 0;
  std::vector<Value> values;
  std::vector<size_t> stack, marks, memory;
};

}  // namespace

void check_pickled_values(const Records &records) {
  Reader(records, "data.pkl", "data/").check(Kind::instance);
  Reader(records, "constants.pkl", "constants/").check(Kind::tuple);
}

}  // namespace airshower
