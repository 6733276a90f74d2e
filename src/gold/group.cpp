#include "gold/group.h"

#include <algorithm>

#include "gold/standings.h"

namespace lode::gold {
namespace {

bool holds(const std::vector<uint32_t>& list, uint32_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Positions of the view's keys that the measure's `within` names.
std::vector<uint32_t> within_keys(const View& view, const Measure& measure) {
  std::vector<uint32_t> positions;
  for (uint32_t i = 0; i < view.keys.size(); ++i) {
    const std::string name(to_string(view.keys[i]));
    if (std::find(measure.within.begin(), measure.within.end(), name) != measure.within.end())
      positions.push_back(i);
  }
  return positions;
}

}  // namespace

Grouping::Grouping(const Plan& of, const KeyFilters& filters, std::vector<uint32_t> positions)
    : plan(of),
      groups(std::move(positions)),
      scanned(of.keys),
      added(of.keys),
      shown(static_cast<uint32_t>(groups.size())) {
  std::vector<uint32_t> common;  // keys that every related measure keeps apart
  for (uint32_t i = 0; i < plan.keys; ++i) common.push_back(i);
  for (uint32_t number = 0; number < plan.view->measures.size(); ++number) {
    const Measure& measure = plan.view->measures[number];
    if (measure.type != Measure::Type::share && measure.type != Measure::Type::rank) continue;
    std::vector<uint32_t> within = within_keys(*plan.view, measure);
    if (!std::all_of(within.begin(), within.end(), [&](uint32_t key) { return holds(groups, key); }))
      continue;
    related.push_back(number);
    std::erase_if(common, [&](uint32_t key) { return !holds(within, key); });
  }
  for (const KeyFilter& filter : filters.list()) {
    auto group = std::find(groups.begin(), groups.end(), filter.position);
    if (holds(common, filter.position)) {
      scanned.add(filter);
    } else if (group == groups.end()) {
      added.add(filter);
    } else {
      KeyFilter moved = filter;
      moved.position = static_cast<uint32_t>(group - groups.begin());
      shown.add(moved);
    }
  }
  in_order = !groups.empty();
  for (uint32_t i = 0; i < groups.size(); ++i) in_order &= groups[i] == i;
  while (unit_words < groups.size() && holds(common, unit_words)) ++unit_words;
  in_order &= unit_words > 0;
}

Key Grouping::group_of(const Key& key) const {
  Key group{};
  for (size_t i = 0; i < groups.size(); ++i) group[i] = key[groups[i]];
  return group;
}

std::vector<uint32_t> Grouping::within_of(uint32_t measure) const {
  std::vector<uint32_t> positions;
  for (uint32_t key : within_keys(*plan.view, plan.view->measures[measure])) {
    positions.push_back(static_cast<uint32_t>(std::find(groups.begin(), groups.end(), key) - groups.begin()));
  }
  return positions;
}

Key Groups::within(uint32_t measure, const Key& group) const {
  Key key{};
  size_t i = 0;
  for (uint32_t position : grouping_.within_of(measure)) key[i++] = group[position];
  return key;
}

void Groups::add(const Key& key, const Total& row) {
  Key group = grouping_.group_of(key);
  for (uint32_t number : grouping_.related) {
    if (grouping_.plan.view->measures[number].type != Measure::Type::share) continue;
    whole_[{number, within(number, group)}] +=
        sum_of(grouping_.plan, grouping_.plan.sources[number].of[0], row.cells());
  }
  if (!grouping_.added.matches(key.data())) return;
  if (totals_.empty() || totals_.back().first != group) {
    auto [place, fresh] = places_.try_emplace(group, totals_.size());
    if (fresh) {
      totals_.emplace_back(group, row);
    } else {
      totals_[place->second].second.add(row);
    }
    return;
  }
  totals_.back().second.add(row);
}

std::vector<Row> Groups::take() {
  std::vector<Row> rows;
  std::vector<uint32_t> shown;  // their totals
  for (uint32_t i = 0; i < totals_.size(); ++i) {
    auto& [group, total] = totals_[i];
    total.settle();
    if (!grouping_.shown.matches(group.data())) continue;
    rows.push_back({group, figures_of(grouping_.plan, total)});
    shown.push_back(i);
  }
  for (uint32_t number : grouping_.related) {
    if (grouping_.plan.view->measures[number].type == Measure::Type::share) {
      set_shares(number, rows);
      continue;
    }
    Standings standings(grouping_, number, text_);
    for (const auto& [group, total] : totals_) standings.add(group, within(number, group), total);
    std::vector<int64_t> ranks = standings.ranks(shown);
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].figures[number] = {Figure::Type::number, ranks[i], 0};
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.group < b.group; });
  totals_.clear();
  places_.clear();
  whole_.clear();
  return rows;
}

void Groups::set_shares(uint32_t measure, std::vector<Row>& rows) const {
  uint32_t of = grouping_.plan.sources[measure].of[0];
  for (Row& row : rows) {
    row.figures[measure] = ratio(row.figures[of].value, whole_.at({measure, within(measure, row.group)}));
  }
}

}  // namespace lode::gold
