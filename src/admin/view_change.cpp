#include "admin/view_change.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "event/json_text.h"
#include "gold/nearest.h"

namespace lode::admin {
namespace {

using gold::View;
using gold::ViewDifference;

constexpr size_t kMostErrors = 20;  // sentences of one refusal

std::string in_quotes(std::string_view text) {
  std::string out;
  event::append_quoted(out, text);
  return out;
}

// Thrown inside of the parser alone.
struct Wrong {
  event::Problem problem;
};
[[noreturn]] void fail(std::string code, std::string pointer, std::string detail) {
  throw Wrong{{std::move(code), std::move(pointer), std::move(detail)}};
}

std::string text_of(simdjson::dom::element value, const std::string& pointer) {
  std::string_view text;
  if (value.get(text)) fail("invalid_value", pointer, "Send a string.");
  return std::string(text);
}

ViewChange::Declaration declaration_of(simdjson::dom::element value, const std::string& pointer) {
  simdjson::dom::object members;
  if (value.get(members)) fail("invalid_value", pointer, R"(Send an object: {"file": …, "text": …}.)");
  ViewChange::Declaration out;
  bool has_text = false;
  for (auto [name, member] : members) {
    const std::string at = pointer + "/" + std::string(name);
    if (name == "file") {
      out.file = text_of(member, at);
    } else if (name == "text") {
      out.text = text_of(member, at);
      has_text = true;
    } else {
      fail("unknown_member", at, "A declaration has file and text.");
    }
  }
  if (!has_text) fail("missing_field", pointer + "/text", "Send the declaration itself: \"text\".");
  return out;
}

uint64_t hash_of(simdjson::dom::element value) {
  const std::string text = text_of(value, "/ruleset");
  uint64_t hash = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (error != std::errc() || end != text.data() + text.size())
    fail("invalid_value", "/ruleset", "Send a ruleset's hash, 16 hex digits, as it was answered.");
  return hash;
}

template <typename Item>
auto items_of(simdjson::dom::element value, const std::string& pointer, const Item& item) {
  simdjson::dom::array array;
  if (value.get(array) || array.size() == 0) fail("invalid_value", pointer, "Send an array, not empty.");
  std::vector<decltype(item(value, pointer))> out;
  for (simdjson::dom::element one : array)
    out.push_back(item(one, pointer + "/" + std::to_string(out.size())));
  return out;
}

ViewChange change_of(std::string_view action, simdjson::dom::object members) {
  const bool drops = action == "drop";
  const std::string_view list = drops ? "views" : "declarations";
  ViewChange out;
  out.dry_run = action == "check";
  std::set<std::string_view> seen;
  for (auto [name, value] : members) {
    const std::string pointer = "/" + std::string(name);
    if (!seen.insert(name).second) fail("invalid_value", pointer, "Send each member once.");
    if (name == list && drops) {
      out.drop = items_of(value, pointer, text_of);
    } else if (name == list) {
      out.declarations = items_of(value, pointer, declaration_of);
    } else if (name == "dry_run" && action != "check") {
      if (value.get(out.dry_run)) fail("invalid_value", pointer, "Send true or false.");
    } else if (name == "ruleset") {
      out.ruleset = hash_of(value);
    } else {
      fail("unknown_member", pointer,
           fmt::format("It takes {}, ruleset{}.", list, action == "check" ? "" : " and dry_run"));
    }
  }
  if (!seen.contains(list))
    fail("missing_field", "/" + std::string(list),
         drops ? "Say which views: \"views\"." : "Send the declarations: \"declarations\".");
  return out;
}

const View* find(const std::vector<View>& views, std::string_view name) {
  const auto found =
      std::find_if(views.begin(), views.end(), [&](const View& one) { return one.name == name; });
  return found == views.end() ? nullptr : &*found;
}

// Every declaration that can't be read is told, not only the first.
std::variant<std::vector<View>, Refusal> read_all(const std::vector<ViewChange::Declaration>& declarations) {
  std::vector<View> views;
  std::vector<std::string> errors;
  std::string pointer;
  for (size_t i = 0; i < declarations.size(); ++i) {
    const std::string file =
        declarations[i].file.empty() ? "declaration " + std::to_string(i + 1) : declarations[i].file;
    try {
      View view = gold::parse_view(declarations[i].text, file);
      if (find(views, view.name) != nullptr)
        throw gold::InvalidView(file + ": the view `" + view.name + "` is declared twice; rename one");
      views.push_back(std::move(view));
    } catch (const gold::InvalidView& error) {
      if (errors.empty()) pointer = "/declarations/" + std::to_string(i) + "/text";
      if (errors.size() < kMostErrors) errors.emplace_back(error.what());
    }
  }
  if (errors.empty()) return views;
  return Refusal{400, {"invalid_view", pointer, fmt::format("{}", fmt::join(errors, "\n"))}};
}

Refusal unknown_view(const std::vector<View>& views, const std::string& name) {
  std::vector<std::string> names;
  for (const View& view : views) names.push_back(view.name);
  const std::string near = gold::nearest(name, names);
  return {404,
          {"unknown_view", "/views",
           "there is no view `" + name + "` to drop" +
               (near.empty() ? std::string() : "; did you mean `" + near + "`?")}};
}

std::string names_json(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? "," : "") + in_quotes(name);
  return out + "]";
}

std::string changed_json(const std::vector<ViewDifference::Measures::Changed>& changed) {
  std::string out = "[";
  for (const auto& one : changed)
    out += fmt::format(R"({}{{"name":{},"was":{},"is":{}}})", out.size() > 1 ? "," : "", in_quotes(one.name),
                       in_quotes(one.was), in_quotes(one.is));
  return out + "]";
}

std::string json_of(const ViewDifference& one) {
  auto version = [](const std::optional<uint64_t>& number) {
    return number ? std::to_string(*number) : std::string("null");
  };
  return fmt::format(
      R"({{"name":{},"change":"{}","version":{},"next_version":{},"additive":{},"breaks":{},)"
      R"("keys":{{"added":{},"removed":{}}},"measures":{{"added":{},"removed":{},"changed":{}}}}})",
      in_quotes(one.name), to_string(one.kind), version(one.version), version(one.next_version),
      one.is_additive(), names_json(one.breaks), names_json(one.keys_added), names_json(one.keys_removed),
      names_json(one.measures.added), names_json(one.measures.removed), changed_json(one.measures.changed));
}

}  // namespace

std::variant<ViewChange, event::Problem> parse_view_change(std::string_view action, std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::object members;
  if (parser.parse(body.data(), body.size()).get(root))
    return event::Problem{"invalid_json", "", "Send one JSON object."};
  if (root.get(members)) return event::Problem{"invalid_type", "", "Send a JSON object."};
  try {
    return change_of(action, members);
  } catch (const Wrong& wrong) {
    return wrong.problem;
  }
}

bool PlannedViews::changes_rows() const {
  return std::any_of(differences.begin(), differences.end(),
                     [](const auto& one) { return one.changes_rows(); });
}
bool PlannedViews::changes_anything() const {
  return std::any_of(differences.begin(), differences.end(),
                     [](const auto& one) { return one.kind != ViewDifference::Kind::unchanged; });
}
bool PlannedViews::is_additive() const {
  return std::all_of(differences.begin(), differences.end(),
                     [](const auto& one) { return one.is_additive(); });
}

std::variant<PlannedViews, Refusal> plan_views(const materialize::Ruleset& in_force,
                                               const ViewChange& change) {
  auto read = read_all(change.declarations);
  if (auto* refusal = std::get_if<Refusal>(&read)) return std::move(*refusal);
  PlannedViews out{in_force, {}};
  std::vector<View>& views = out.ruleset.views;
  auto replace = [&](const std::string& name, const View* next) {
    out.differences.push_back(gold::difference_of(find(in_force.views, name), next));
    std::erase_if(views, [&](const View& one) { return one.name == name; });
    if (next != nullptr) views.push_back(*next);
  };
  for (const View& view : std::get<std::vector<View>>(read)) replace(view.name, &view);
  for (const std::string& name : change.drop) {
    if (find(views, name) == nullptr) return unknown_view(views, name);
    replace(name, nullptr);
  }
  std::sort(views.begin(), views.end(), [](const View& a, const View& b) { return a.name < b.name; });
  return out;
}

std::string json_of(const PlannedViews& planned, const BuildPlan& build, uint64_t in_force, bool dry_run) {
  std::string views = "[";
  for (const ViewDifference& one : planned.differences) views += (views.size() > 1 ? "," : "") + json_of(one);
  return fmt::format(
      R"({{"done":{},"dry_run":{},"ruleset":"{:016x}","next_ruleset":"{:016x}","additive":{},"views":{}],)"
      R"("build":{{"needed":{},"from_offset":0,"records":{},"possible":{},"why_not":{}}}}})",
      !dry_run && !planned.changes_rows(), dry_run, in_force, planned.ruleset.hash(), planned.is_additive(),
      views, planned.changes_rows(), planned.changes_rows() ? build.records : 0, build.why_not.empty(),
      in_quotes(build.why_not));
}

}  // namespace lode::admin
