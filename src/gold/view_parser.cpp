// TOML -> View, strictly: whatever is not understood is an error that names its place and what was probably
// meant.
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "gold/nearest.h"
#include "gold/plan.h"
#include "gold/view.h"

namespace lode::gold {
namespace {

using Names = std::vector<std::string>;

class Parser {
 public:
  explicit Parser(std::string_view file_name) : file_(file_name) {}

  View parse(std::string_view text) {
    toml::table root;
    try {
      root = toml::parse(text, file_);
    } catch (const toml::parse_error& error) {
      fail(error.source(), std::string(error.description()));
    }
    check_names(root, {"name", "description", "source", "filter", "keys", "measures"});
    view_.name = identifier(root, "name");
    if (root.contains("description")) view_.description = string(root, "description");
    if (string(root, "source") != "order_lines")
      fail(root.get("source")->source(), "`source` must be \"order_lines\"");
    if (root.contains("filter")) parse_filter(root);
    parse_keys(root);
    parse_measures(root);
    check_hidden(root);
    check_currency(root);
    view_.version = version_of(view_);
    return std::move(view_);
  }

 private:
  [[noreturn]] void fail(const toml::source_region& where, const std::string& what) const {
    throw InvalidView(file_ + ":" + std::to_string(where.begin.line) + ": " + what);
  }

  [[noreturn]] void fail_unknown(const toml::source_region& where, const std::string& what,
                                 std::string_view name, const Names& known) const {
    fail(where,
         "unknown " + what + " `" + std::string(name) + "`; did you mean `" + nearest(name, known) + "`?");
  }

  void check_names(const toml::table& table, const Names& known) const {
    for (const auto& [key, value] : table) {
      if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
        fail_unknown(key.source(), "key", key.str(), known);
      }
    }
  }

  const toml::node& required(const toml::table& table, const char* name) const {
    const toml::node* node = table.get(name);
    if (node == nullptr) fail(table.source(), std::string("`") + name + "` is missing");
    return *node;
  }

  std::string string(const toml::table& table, const char* name) const {
    const toml::node& node = required(table, name);
    if (!node.is_string()) fail(node.source(), std::string("`") + name + "` must be a string");
    return **node.as_string();
  }

  std::string identifier(const toml::table& table, const char* name) const {
    std::string text = string(table, name);
    bool good = !text.empty() && text.size() <= 64 &&
                text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (!good)
      fail(table.get(name)->source(), std::string("`") + name + "` must be 1 to 64 of a-z, 0-9 and _");
    return text;
  }

  Names strings(const toml::table& table, const char* name) const {
    const toml::node& node = required(table, name);
    const toml::array* array = node.as_array();
    Names out;
    if (array != nullptr) {
      for (const toml::node& element : *array) {
        if (element.is_string()) out.push_back(**element.as_string());
      }
    }
    if (array == nullptr || out.size() != array->size() || out.empty()) {
      fail(node.source(), std::string("`") + name + "` must be a list of strings, not empty");
    }
    return out;
  }

  // The string `name` as one of `known`'s values.
  template <typename T>
  T choice(const toml::table& table, const char* name, const std::map<std::string, T>& known) const {
    return look_up(table.get(name)->source(), name, string(table, name), known);
  }

  template <typename T>
  T look_up(const toml::source_region& where, const std::string& what, const std::string& text,
            const std::map<std::string, T>& known) const {
    auto found = known.find(text);
    if (found != known.end()) return found->second;
    Names names;
    for (const auto& entry : known) names.push_back(entry.first);
    fail_unknown(where, what, text, names);
  }

  void parse_filter(const toml::table& root) {
    const toml::table* filter = root.get("filter")->as_table();
    if (filter == nullptr) fail(root.get("filter")->source(), "`filter` must be a table");
    check_names(*filter, {"customer"});
    if (string(*filter, "customer") != "known") fail(filter->source(), "`customer` must be \"known\"");
    view_.known_customers = true;
  }

  void parse_keys(const toml::table& root) {
    const toml::source_region& where = required(root, "keys").source();
    std::map<std::string, Column> known;
    for (int i = 0; i <= static_cast<int>(Column::kind); ++i) {
      known.emplace(to_string(static_cast<Column>(i)), static_cast<Column>(i));
    }
    for (const std::string& name : strings(root, "keys")) {
      Column column = look_up(where, "key column", name, known);
      if (std::count(view_.keys.begin(), view_.keys.end(), column) > 0)
        fail(where, "key `" + name + "` is there twice");
      view_.keys.push_back(column);
    }
    if (view_.keys.size() > kMaxKeys) fail(where, "a view has at most " + std::to_string(kMaxKeys) + " keys");
  }

  void parse_measures(const toml::table& root) {
    const toml::array* array = required(root, "measures").as_array();
    if (array == nullptr || array->empty())
      fail(root.get("measures")->source(), "`measures` must be a list of tables, not empty");
    for (const toml::node& node : *array) {
      if (!node.is_table()) fail(node.source(), "a measure must be a table");
      Measure measure = parse_measure(*node.as_table());
      if (find(measure.name) != nullptr || column_of(measure.name)) {
        fail(node.source(), "`" + measure.name + "` is taken by another measure or a key column");
      }
      view_.kinds |= measure.kinds;
      view_.measures.push_back(std::move(measure));
    }
  }

  Measure parse_measure(const toml::table& table) {
    static const std::map<std::string, Measure::Type> types = {{"sum", Measure::Type::sum},
                                                               {"distinct", Measure::Type::distinct},
                                                               {"first", Measure::Type::first_day},
                                                               {"last", Measure::Type::last_day},
                                                               {"difference", Measure::Type::difference},
                                                               {"ratio", Measure::Type::ratio},
                                                               {"share", Measure::Type::share},
                                                               {"rank", Measure::Type::rank}};
    Measure measure;
    measure.name = identifier(table, "name");
    Names known = {"name", "hidden", "kinds", "within"};
    std::string type;
    for (const auto& entry : types) {
      known.push_back(entry.first);
      if (!table.contains(entry.first)) continue;
      if (!type.empty())
        fail(table.source(),
             "measure `" + measure.name + "` is both `" + type + "` and `" + entry.first + "`");
      type = entry.first;
      measure.type = entry.second;
    }
    check_names(table, known);
    if (type.empty()) {
      fail(table.source(), "measure `" + measure.name +
                               "` needs one of sum, distinct, first, last, difference, ratio, share, rank");
    }
    if (const toml::node* hidden = table.get("hidden")) {
      if (!hidden->is_boolean()) fail(hidden->source(), "`hidden` must be true or false");
      measure.hidden = **hidden->as_boolean();
    }
    bool stored = measure.type <= Measure::Type::last_day;
    bool grouped = measure.type == Measure::Type::share || measure.type == Measure::Type::rank;
    if (!stored && table.contains("kinds")) fail(table.source(), "`kinds` belongs to stored measures only");
    if (!grouped && table.contains("within")) fail(table.source(), "`within` belongs to share and rank only");
    if (stored) parse_stored(table, type, measure);
    if (!stored) parse_operands(table, type, measure);
    if (grouped) parse_within(table, measure);
    return measure;
  }

  void parse_stored(const toml::table& table, const std::string& type, Measure& measure) const {
    static const std::map<std::string, silver::Kind> kinds = {{"sale", silver::Kind::sale},
                                                              {"return", silver::Kind::return_},
                                                              {"free", silver::Kind::free},
                                                              {"adjustment", silver::Kind::adjustment},
                                                              {"fee", silver::Kind::fee}};
    static const std::map<std::string, Measure::Operand> operands = {
        {"quantity", Measure::Operand::quantity},
        {"amount", Measure::Operand::amount},
        {"discount", Measure::Operand::discount},
        {"net_amount", Measure::Operand::net_amount}};
    static const std::map<std::string, Measure::Member> members = {{"order", Measure::Member::order},
                                                                   {"customer", Measure::Member::customer}};
    for (const std::string& kind : strings(table, "kinds")) {
      measure.kinds |= bit(look_up(table.get("kinds")->source(), "kind", kind, kinds));
    }
    if (measure.type == Measure::Type::sum) {
      measure.operand = choice(table, "sum", operands);
      measure.money = measure.operand != Measure::Operand::quantity;
    } else if (measure.type == Measure::Type::distinct) {
      measure.member = choice(table, "distinct", members);
    } else if (string(table, type.c_str()) != "day") {
      fail(table.get(type)->source(), "`" + type + "` must be \"day\"");
    }
  }

  void parse_operands(const toml::table& table, const std::string& type, Measure& measure) const {
    const toml::source_region& where = table.get(type)->source();
    if (measure.type == Measure::Type::share) {
      measure.of = {string(table, "share")};
    } else {
      measure.of = strings(table, type.c_str());
    }
    if (measure.type != Measure::Type::rank && measure.type != Measure::Type::share &&
        measure.of.size() != 2) {
      fail(where, "`" + type + "` is of two measures");
    }
    for (const std::string& name : measure.of) {
      const Measure* operand = find(name);
      if (operand == nullptr) {
        Names names;
        for (const Measure& other : view_.measures) names.push_back(other.name);
        fail_unknown(where, "measure (or one declared below)", name, names);
      }
      bool adds_up = operand->type == Measure::Type::sum || operand->type == Measure::Type::distinct ||
                     operand->type == Measure::Type::difference;
      if (!adds_up) fail(where, "`" + name + "` is not a sum, a distinct count or a difference");
    }
    if (measure.type == Measure::Type::difference) {
      measure.money = find(measure.of[0])->money;
      if (measure.money != find(measure.of[1])->money) fail(where, "money and a count have no difference");
    }
  }

  void parse_within(const toml::table& table, Measure& measure) const {
    measure.within = strings(table, "within");
    Names names;
    for (Column key : view_.keys) names.emplace_back(to_string(key));
    for (const std::string& name : measure.within) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        fail_unknown(table.get("within")->source(), "key of this view", name, names);
      }
    }
    // A share adds up its measure over rows: that is only right where addition is.
    if (measure.type == Measure::Type::share && !adds_up_over_rows(*find(measure.of[0]))) {
      fail(table.source(), "`share` is of a sum or a difference of sums");
    }
  }

  bool adds_up_over_rows(const Measure& measure) const {
    if (measure.type == Measure::Type::sum) return true;
    return measure.type == Measure::Type::difference && adds_up_over_rows(*find(measure.of[0])) &&
           adds_up_over_rows(*find(measure.of[1]));
  }

  // State that no answer shows would keep rows alive that nobody can see.
  void check_hidden(const toml::table& root) const {
    std::set<std::string> needed;
    for (auto measure = view_.measures.rbegin(); measure != view_.measures.rend(); ++measure) {
      if (measure->hidden && needed.count(measure->name) == 0) {
        fail(root.get("measures")->source(),
             "measure `" + measure->name + "` is hidden and no shown measure is made of it");
      }
      needed.insert(measure->of.begin(), measure->of.end());
    }
  }

  // Money is in a row's currency: without that key a row would add several up, and so would a share or a
  // rank over rows of several.
  void check_currency(const toml::table& root) const {
    const toml::source_region& where = root.get("measures")->source();
    const bool keyed = std::count(view_.keys.begin(), view_.keys.end(), Column::currency) > 0;
    for (const Measure& measure : view_.measures) {
      if (measure.money && !keyed) {
        fail(where,
             "`" + measure.name + "` is money and would add up several currencies: make `currency` a key");
      }
      const bool of_money = std::any_of(measure.of.begin(), measure.of.end(),
                                        [&](const std::string& name) { return find(name)->money; });
      const bool apart = std::count(measure.within.begin(), measure.within.end(), "currency") > 0;
      if (!measure.within.empty() && of_money && !apart) {
        fail(where,
             "`" + measure.name + "` compares money of several currencies: name `currency` in `within`");
      }
    }
  }

  const Measure* find(std::string_view name) const {
    for (const Measure& measure : view_.measures) {
      if (measure.name == name) return &measure;
    }
    return nullptr;
  }

  std::string file_;
  View view_;
};

}  // namespace

View parse_view(std::string_view toml, std::string_view file_name) { return Parser(file_name).parse(toml); }

std::vector<View> read_views(const std::string& folder) {
  std::error_code error;
  std::vector<View> views;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".toml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) throw InvalidView(entry.path().string() + ": cannot be read");
    views.push_back(parse_view(text.str(), entry.path().string()));
  }
  if (error)
    throw InvalidView(folder + ": " + error.message() + "; name a folder with view declarations (*.toml)");
  std::sort(views.begin(), views.end(), [](const View& a, const View& b) { return a.name < b.name; });
  for (size_t i = 1; i < views.size(); ++i) {
    if (views[i].name == views[i - 1].name) {
      throw InvalidView(folder + ": two files declare the view `" + views[i].name + "`; rename one");
    }
  }
  return views;
}

}  // namespace lode::gold
