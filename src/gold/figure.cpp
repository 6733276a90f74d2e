#include "gold/figure.h"

#include "gold/calendar.h"

namespace lode::gold {
namespace {

constexpr event::Int128 kMillion = 1000000;

Figure day(uint64_t word) { return {Figure::Type::day, day_of_word(static_cast<uint32_t>(word)).value, 0}; }

Figure figure_of(const Plan& plan, uint32_t number, const Total& total, const std::vector<Figure>& before) {
  const Measure& measure = plan.view->measures[number];
  const Plan::Source& source = plan.sources[number];
  Figure::Type plain = measure.money ? Figure::Type::money : Figure::Type::number;
  switch (measure.type) {
    case Measure::Type::sum:
    case Measure::Type::distinct:
      return {plain, count_of(plan, number, total), 0};
    case Measure::Type::first_day:
    case Measure::Type::last_day: {
      auto extremes = total.extremes(source.set);
      if (!extremes) return {};
      return day(measure.type == Measure::Type::first_day ? extremes->first : extremes->second);
    }
    case Measure::Type::difference:
      return {plain, before[source.of[0]].value - before[source.of[1]].value, 0};
    case Measure::Type::ratio: {
      bool money = plan.view->measures[source.of[0]].money;
      bool by_money = plan.view->measures[source.of[1]].money;
      event::Int128 numerator = before[source.of[0]].value, denominator = before[source.of[1]].value;
      if (money && !by_money) denominator *= kMillion;
      if (by_money && !money) numerator *= kMillion;
      return ratio(numerator, denominator);
    }
    case Measure::Type::share:
    case Measure::Type::rank:
      return {};
  }
  return {};
}

}  // namespace

Figure ratio(event::Int128 numerator, event::Int128 denominator) {
  if (denominator == 0) return {};
  if (denominator < 0) return {Figure::Type::ratio, -numerator, -denominator};
  return {Figure::Type::ratio, numerator, denominator};
}

std::vector<Figure> figures_of(const Plan& plan, const Total& total) {
  std::vector<Figure> figures;
  figures.reserve(plan.sources.size());
  for (uint32_t i = 0; i < plan.sources.size(); ++i) figures.push_back(figure_of(plan, i, total, figures));
  return figures;
}

event::Int128 count_of(const Plan& plan, uint32_t measure, const Total& total) {
  const Plan::Source& source = plan.sources[measure];
  const Measure& declared = plan.view->measures[measure];
  if (declared.type == Measure::Type::sum) return total.cells()[source.cell];
  if (declared.type == Measure::Type::difference)
    return count_of(plan, source.of[0], total) - count_of(plan, source.of[1], total);
  event::Int128 live = total.live(source.set);
  // Orders that touch one row only are a cell.
  return declared.member == Measure::Member::order ? live + total.cells()[source.cell] : live;
}

event::Int128 sum_of(const Plan& plan, uint32_t measure, const std::vector<event::Int128>& cells) {
  const Plan::Source& source = plan.sources[measure];
  if (plan.view->measures[measure].type == Measure::Type::sum) return cells[source.cell];
  return sum_of(plan, source.of[0], cells) - sum_of(plan, source.of[1], cells);
}

}  // namespace lode::gold
