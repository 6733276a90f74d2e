// A measure's value in one row of an answer, before any formatting; and how measures are made of a row's
// totals. Pure; any thread.
#pragma once

#include <vector>

#include "event/money.h"
#include "gold/plan.h"
#include "gold/total.h"

namespace lode::gold {

struct Figure {
  enum class Type : uint8_t { null, number, money, day, ratio };
  Type type = Type::null;
  event::Int128 value = 0;        // number; millionths; days since 1970-01-01; a ratio's numerator
  event::Int128 denominator = 0;  // of a ratio; not 0
};

// A ratio of plain numbers; null when the denominator is 0.
Figure ratio(event::Int128 numerator, event::Int128 denominator);

// One figure a measure, in their order; those that need other rows (share, rank) are null. `total` is
// settled.
std::vector<Figure> figures_of(const Plan& plan, const Total& total);

// What measure number `measure`, a sum, a distinct count or a difference, comes to. `total` is settled.
event::Int128 count_of(const Plan& plan, uint32_t measure, const Total& total);

// What measure number `measure`, a sum or a difference of such, comes to by these cells.
event::Int128 sum_of(const Plan& plan, uint32_t measure, const std::vector<event::Int128>& cells);

}  // namespace lode::gold
