#include "gold/view_difference.h"

#include <algorithm>
#include <array>

namespace lode::gold {
namespace {

using silver::Kind;

constexpr std::array kStoredKinds = {Kind::sale, Kind::return_, Kind::free, Kind::adjustment, Kind::fee};
constexpr std::array kKindNames = {"sale", "return", "free", "adjustment", "fee"};
// Whose quantities are positive: sums of them are only zero when there is none.
constexpr KindMask kPositive = bit(Kind::sale) | bit(Kind::return_) | bit(Kind::free);

const Measure* find(const View& view, std::string_view name) {
  for (const Measure& measure : view.measures) {
    if (measure.name == name) return &measure;
  }
  return nullptr;
}

bool is_stored(const Measure& measure) { return measure.type <= Measure::Type::last_day; }

// By itself, whatever it is made of.
bool same_declaration(const Measure& a, const Measure& b) { return to_toml(a) == to_toml(b); }

// The figure is the same: it is computed alike, from measures of which the same holds.
bool same_figure(const View& before, const View& after, std::string_view name) {
  const Measure *a = find(before, name), *b = find(after, name);
  if (a == nullptr || b == nullptr) return false;
  Measure shown_alike = *a;
  shown_alike.hidden = b->hidden;
  return same_declaration(shown_alike, *b) &&
         std::all_of(a->of.begin(), a->of.end(),
                     [&](const std::string& part) { return same_figure(before, after, part); });
}

// Whether the measure is other than zero in every row that has a line of this kind.
bool shows(const View& view, const Measure& measure, Kind kind) {
  if ((measure.kinds & bit(kind)) == 0) return false;
  switch (measure.type) {
    case Measure::Type::distinct:
      return measure.member == Measure::Member::order || view.known_customers;
    case Measure::Type::first_day:
    case Measure::Type::last_day:
      return true;
    case Measure::Type::sum:
      return measure.operand == Measure::Operand::quantity && (measure.kinds & ~kPositive) == 0;
    default:
      return false;
  }
}

class Comparison {
 public:
  Comparison(const View& before, const View& after, ViewDifference& out)
      : before_(before), after_(after), out_(out) {}

  void run() {
    keys();
    if (before_.known_customers != after_.known_customers)
      out_.breaks.push_back(after_.known_customers
                                ? "lines of anonymous customers do not count any more: `filter`"
                                : "lines of anonymous customers count now: `filter` is gone");
    measures();
    columns();
    rows();
  }

 private:
  void keys() {
    auto missing = [](const std::vector<Column>& from, const std::vector<Column>& in) {
      std::vector<std::string> names;
      for (Column key : from) {
        if (std::find(in.begin(), in.end(), key) == in.end()) names.emplace_back(to_string(key));
      }
      return names;
    };
    out_.keys_added = missing(after_.keys, before_.keys);
    out_.keys_removed = missing(before_.keys, after_.keys);
    for (const std::string& key : out_.keys_added)
      out_.breaks.push_back("rows are split by the new key `" + key + "`");
    for (const std::string& key : out_.keys_removed) out_.breaks.push_back("the key `" + key + "` is gone");
    if (out_.keys_added.empty() && out_.keys_removed.empty() && before_.keys != after_.keys)
      out_.breaks.emplace_back("the keys stand in another order, and so do rows and columns");
  }

  void measures() {
    for (const Measure& was : before_.measures) {
      const Measure* is = find(after_, was.name);
      if (is == nullptr)
        out_.measures.removed.push_back(was.name);
      else if (!same_declaration(was, *is))
        out_.measures.changed.push_back({was.name, to_toml(was), to_toml(*is)});
      if (was.hidden) continue;
      if (is == nullptr)
        out_.breaks.push_back("the measure `" + was.name + "` is gone");
      else if (is->hidden)
        out_.breaks.push_back("the measure `" + was.name + "` is hidden");
      else if (!same_figure(before_, after_, was.name))
        out_.breaks.push_back("the measure `" + was.name + "` says something else");
    }
    for (const Measure& is : after_.measures) {
      if (find(before_, is.name) == nullptr) out_.measures.added.push_back(is.name);
    }
  }

  // Those that were shown come first, in their order: who reads CSV by position finds them where they were.
  void columns() {
    size_t at = 0;
    std::vector<std::string> old_columns;
    for (const Measure& was : before_.measures) {
      const Measure* is = find(after_, was.name);
      if (!was.hidden && is != nullptr && !is->hidden) old_columns.push_back(was.name);
    }
    for (const Measure& is : after_.measures) {
      if (is.hidden || at == old_columns.size()) continue;
      if (is.name != old_columns[at]) {
        out_.breaks.push_back("`" + is.name + "` stands where `" + old_columns[at] +
                              "` stood: columns of CSV answers move; put new measures last");
        return;
      }
      ++at;
    }
  }

  // A row is there while one of its stored measures is not zero.
  void rows() {
    tell(after_, "rows come that were not there: of ");
    tell(before_, "rows go that nothing else keeps: of ");
  }
  void tell(const View& has, const std::string& what) {
    for (const Measure& measure : has.measures) {
      if (!is_stored(measure) || same_figure(before_, after_, measure.name)) continue;
      for (size_t i = 0; i < kStoredKinds.size(); ++i) {
        if ((measure.kinds & bit(kStoredKinds[i])) == 0 || is_shown_by_both(kStoredKinds[i])) continue;
        out_.breaks.push_back(what + kKindNames[i] + " lines, by `" + measure.name + "`");
      }
    }
  }
  // By a measure that both have.
  bool is_shown_by_both(Kind kind) const {
    return std::any_of(before_.measures.begin(), before_.measures.end(), [&](const Measure& measure) {
      return shows(before_, measure, kind) && same_figure(before_, after_, measure.name);
    });
  }

  const View& before_;
  const View& after_;
  ViewDifference& out_;
};

}  // namespace

std::string_view to_string(ViewDifference::Kind kind) {
  constexpr std::array<std::string_view, 5> kNames = {"unchanged", "described", "changed", "added",
                                                      "dropped"};
  return kNames.at(static_cast<size_t>(kind));
}

ViewDifference difference_of(const View* before, const View* after) {
  using Kind = ViewDifference::Kind;
  ViewDifference out;
  out.name = before != nullptr ? before->name : after->name;
  if (before != nullptr) out.version = before->version;
  if (after != nullptr) out.next_version = after->version;
  if (before == nullptr) {
    out.kind = Kind::added;
  } else if (after == nullptr) {
    out.kind = Kind::dropped;
    out.breaks.emplace_back("who asks for it is answered 404 `unknown_view`");
  } else if (before->version == after->version) {
    out.kind = before->description == after->description ? Kind::unchanged : Kind::described;
  } else {
    out.kind = Kind::changed;
    Comparison(*before, *after, out).run();
  }
  return out;
}

}  // namespace lode::gold
