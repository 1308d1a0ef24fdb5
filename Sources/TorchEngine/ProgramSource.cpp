#include "ProgramSource.h"

#include <torch/csrc/jit/frontend/lexer.h>
#include <torch/csrc/jit/frontend/parser.h>
#include <torch/csrc/jit/frontend/tree_views.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "AllowedOperators.h"
#include "Refused.h"

namespace airshower {

namespace {

using namespace torch::jit;

// Parser and compiler call themselves for every level of an expression, on a stack of 8 MB.
constexpr size_t deepest_brackets = 100, longest_operand = 2000, deepest_blocks = 60, longest_text = 100000;

void check_depth(const std::string &text, const std::string &record) {
  size_t line = 1, length = 0, alternatives = 0;
  std::vector<size_t> lengths;
  const auto refuse = [&](const char *what) {
    throw Refused(place(record, line) + ": " + what + ": write it in several steps");
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // Comments of types are read as expressions.
    if (c == '#' && text.compare(i, 7, "# type:") != 0) {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      // A text may run over lines where it has three quotes.
      const bool is_long = text.compare(i, 3, std::string(3, c)) == 0;
      const std::string end(is_long ? 3 : 1, c);
      i += end.size();
      while (i < text.size() && text.compare(i, end.size(), end) != 0) {
        if (text[i] == '\n') {
          if (!is_long) refuse("a text without an end");
          ++line;
        }
        i += text[i] == '\\' ? 2 : 1;
      }
      if (i >= text.size()) refuse("a text without an end");
      i += end.size() - 1;
    } else if (c == '(' || c == '[' || c == '{') {
      lengths.push_back(length);
      if (lengths.size() > deepest_brackets) refuse("expressions too deep within each other");
    } else if (c == ')' || c == ']' || c == '}') {
      if (lengths.empty()) refuse("a bracket too many");
      length = lengths.back() + 1;
      lengths.pop_back();
    } else if (c == ',') {
      length = lengths.empty() ? 0 : lengths.back();
    } else if (c == '\n') {
      ++line;
      if (!lengths.empty() || (i > 0 && text[i - 1] == '\\')) continue;
      length = 0;
      size_t spaces = 0;
      while (i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t')) ++i, ++spaces;
      if (spaces > 2 * deepest_blocks) refuse("blocks too deep within each other");
      if (text.compare(i + 1, 4, "elif") == 0 && ++alternatives > deepest_blocks) refuse("too many branches");
    } else if (++length > longest_operand) {
      refuse("an expression too long");
    }
  }
}

// "a.b.c" of names joined by points; empty for anything else.
std::string dotted(const TreeRef &tree) {
  if (tree->kind() == TK_VAR) return Var(tree).name().name();
  if (tree->kind() != '.') return "";
  const auto select = Select(tree);
  const auto begin = dotted(select.value());
  return begin.empty() ? "" : begin + "." + select.selector().name();
}

bool begins(const std::string &name, const char *begin) { return name.rfind(begin, 0) == 0; }

class Check {
 public:
  Check(const std::string &record, const std::set<std::string> &methods) : record(record), methods(methods) {}

  void visit(const TreeRef &tree) {
    switch (tree->kind()) {
      case TK_WHILE:
        refuse(tree, "a while loop, which may never end", "loop over a range or a list");
      case TK_WITH:
        refuse(tree, "a with-block", "networks run without gradients anyway");
      case TK_GLOBAL:
        refuse(tree, "a global name", "give it as an argument");
      case TK_DEF:
        return visit_function(Def(tree));
      case TK_CLASS_DEF:
        return visit_class(ClassDef(tree));
      case TK_ASSIGN:
        visit_assignment(Assign(tree));
        break;
      case TK_AUG_ASSIGN:
        check_target(AugAssign(tree).lhs());
        note_text(AugAssign(tree).lhs(), text_length(AugAssign(tree).lhs()) + text_length(AugAssign(tree).rhs()));
        break;
      case TK_APPLY:
        visit_call(Apply(tree));
        break;
      case '.':
        check_name(tree, dotted(tree));
        break;
      default:
        break;
    }
    for (const auto &part : tree->trees()) visit(part);
  }

 private:
  [[noreturn]] void refuse(const TreeRef &tree, const std::string &what, const std::string &remedy) const {
    throw Refused(place(record, line_of(tree)) + ": " + what + ": " + remedy);
  }
  static size_t line_of(const TreeRef &tree) {
    const auto &range = tree->range();
    return range.source() ? range.source()->lineno_for_offset(range.start()) + 1 : 0;
  }
  [[noreturn]] void refuse_operator(const TreeRef &tree, const std::string &name) const {
    refuse(tree, "the operator " + name + ", which " + reason_against(name),
           "take it out of the network (Documentation/networks.md lists what may be used)");
  }

  void visit_function(const Def &function) {
    const auto name = function.name().name();
    if (name == "__setstate__" || name == "__getstate__")
      refuse(function, "the method " + name + ", which runs while the file is read", "remove it from the class");
    texts.clear();
    functions.clear();
    for (const auto &parameter : function.decl().params())
      if (parameter.defaultValue().present()) check_constant(parameter.defaultValue().get());
    for (const auto &part : function.tree()->trees()) visit(part);
  }

  void visit_class(const ClassDef &definition) {
    // An attribute with a value is computed while the class is read.
    for (const auto &line : definition.body())
      if (line.kind() == TK_ASSIGN && Assign(line).rhs().present()) check_constant(Assign(line).rhs().get());
    for (const auto &part : definition.tree()->trees()) visit(part);
  }

  void check_constant(const TreeRef &tree) const {
    if (tree->kind() == TK_APPLY) refuse(tree, "a default or constant that is computed", "write its value");
    for (const auto &part : tree->trees()) check_constant(part);
  }

  void visit_assignment(const Assign &assignment) {
    for (const auto &target : assignment.lhs_list()) check_target(target);
    if (!assignment.rhs().present()) return;
    const auto value = assignment.rhs().get();
    const auto name = dotted(value);
    for (const auto &target : assignment.lhs_list()) {
      note_text(target, text_length(value));
      // Functions of the network's own get short names.
      if (target.kind() == TK_VAR) {
        const auto short_name = Var(target).name().name();
        if (begins(name, "__torch__."))
          functions.insert(short_name);
        else
          functions.erase(short_name);
      }
    }
  }
  void check_target(const TreeRef &target) const {
    if (target->kind() == '.') refuse_operator(target, "prim::SetAttr");
    if (target->kind() == TK_TUPLE_LITERAL || target->kind() == TK_LIST_LITERAL || target->kind() == TK_LIST)
      for (const auto &part : target->trees()) check_target(part);
  }

  // Texts must not grow without bound: the compiler joins those that it knows. Names that stand for a text have its
  // length here, others 0.
  void note_text(const TreeRef &target, size_t length) {
    if (target->kind() == TK_VAR) texts[Var(target).name().name()] = length;
    for (const auto &part : target->trees()) note_text(part, length);
  }
  size_t text_length(const TreeRef &tree) const {
    if (tree->kind() == TK_STRINGLITERAL) return StringLiteral(tree).text().size();
    if (tree->kind() == TK_VAR) {
      const auto found = texts.find(Var(tree).name().name());
      return found == texts.end() ? 0 : found->second;
    }
    if (tree->kind() == TK_APPLY) {
      const auto name = dotted(Apply(tree).callee());
      if (name != "torch.add" && name != "torch.format" && name != "annotate" && name != "unchecked_cast" &&
          !begins(name, "ops."))
        return 0;
    }
    size_t sum = 0;
    for (const auto &part : tree->trees()) {
      sum += text_length(part);
      if (sum > longest_text) refuse(tree, "a text that grows (aten::add.str)", "write it whole");
    }
    return sum;
  }

  void check_name(const TreeRef &tree, const std::string &name) const {
    if (begins(name, "__torch__.torch.classes") || begins(name, "torch.classes"))
      refuse(tree, "the class " + name + ", which is one of C++ (torch.classes)", "take it out of the network");
  }

  void visit_call(const Apply &call) {
    const auto callee = call.callee();
    const auto name = dotted(callee);
    check_name(call, name);
    if (callee.kind() == TK_VAR) {
      if (is_allowed_function(name) || functions.count(name)) return;
      if (name == "print") refuse_operator(call, "prim::Print");
      if (name == "fork" || name == "awaitable") refuse_operator(call, "prim::" + name);
      refuse(call, "the function " + name + ", which is not on the list of what a network may call",
             "take it out of the network (Documentation/networks.md lists what may be used)");
    }
    if (callee.kind() != '.') refuse(call, "a call of no name", "call functions by their name");
    if (begins(name, "__torch__.")) return;
    const auto last = Select(callee).selector().name();
    std::string operation;
    if (begins(name, "ops.")) {
      const auto space = name.substr(4, name.size() - 5 - last.size());
      operation = space + "::" + last;
    } else {
      if (!begins(name, "torch.") && methods.count(last)) return;
      operation = "aten::" + last;
    }
    if (begins(name, "torch.") && name != "torch." + last) refuse_operator(call, name);
    if (!may_be_allowed(operation)) refuse_operator(call, operation);
  }

  const std::string record;
  const std::set<std::string> &methods;
  std::map<std::string, size_t> texts;
  std::set<std::string> functions;
};

// Definitions of a record, as libtorch's loader takes it apart.
std::vector<TreeRef> definitions(const std::string &record, const std::string &text) {
  Parser parser(std::make_shared<Source>(text, record, 1));
  auto &lexer = parser.lexer();
  std::vector<TreeRef> result;
  while (lexer.cur().kind != TK_EOF) {
    if (lexer.nextIf(TK_IMPORT)) {
      while (lexer.cur().kind != TK_NEWLINE && lexer.cur().kind != TK_EOF) lexer.next();
      lexer.expect(TK_NEWLINE);
    } else if (lexer.cur().kind == TK_CLASS_DEF) {
      result.push_back(parser.parseClass());
    } else if (lexer.cur().kind == TK_DEF) {
      result.push_back(parser.parseFunction(false));
    } else if (lexer.cur().kind == TK_IDENT && lexer.cur().text() == "op_version_set") {
      while (lexer.cur().kind != TK_NEWLINE && lexer.cur().kind != TK_EOF) lexer.next();
      lexer.expect(TK_NEWLINE);
    } else {
      throw Refused(record + ": it holds more than classes and functions");
    }
  }
  return result;
}

}  // namespace

void check_source(const Records &records) {
  std::vector<std::pair<std::string, TreeRef>> all;
  // Methods and functions of the network's own, whose calls are read where they are defined.
  std::set<std::string> methods;
  for (const auto &entry : records) {
    if (!begins(entry.first, "code/")) continue;
    check_depth(entry.second, entry.first);
    for (const auto &definition : definitions(entry.first, entry.second)) {
      all.emplace_back(entry.first, definition);
      if (definition->kind() == TK_CLASS_DEF) {
        for (const auto &line : ClassDef(definition).body())
          if (line.kind() == TK_DEF) methods.insert(Def(line).name().name());
      }
    }
  }
  for (const auto &entry : all) Check(entry.first, methods).visit(entry.second);
}

}  // namespace airshower
