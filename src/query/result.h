// What a read answers, before any encoding: typed rows and where they stand. wire/ renders it as JSON, NDJSON
// or CSV.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "event/money.h"
#include "event/problem.h"
#include "record/types.h"

namespace lode::query {

// null, text, whole number, decimal string (money, ratios; written as a JSON string), truth, or JSON text as
// it is (nested parts of silver rows and records).
struct Decimal {
  std::string text;
};
struct RawJson {
  std::string text;
};
// Records that compaction dropped: offsets from..to. Stands alone in a row of the log, in their place.
struct Gap {
  uint64_t from = 0, to = 0;
};
using Value = std::variant<std::monostate, std::string, int64_t, event::Int128, Decimal, bool, RawJson, Gap>;

// The text of a string or of JSON as it is; "" of every other value.
inline const std::string& text_of(const Value& value) {
  static const std::string kNone;
  if (const auto* raw = std::get_if<RawJson>(&value)) return raw->text;
  const auto* text = std::get_if<std::string>(&value);
  return text ? *text : kNone;
}

// What a row of the log is instead of a record; null when it is one.
inline const Gap* gap_of(const std::vector<Value>& row) {
  return row.size() == 1 ? std::get_if<Gap>(&row.front()) : nullptr;
}

// The query string's parameters, percent-decoded, in order.
using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Position {
  int64_t as_of_offset = -1;  // the last record applied to what was read; -1: none yet
  int64_t as_of_micros = 0;   // its receive time

  // Of what any record may change.
  record::LastChange last_change() const {
    if (as_of_offset < 0) return std::nullopt;
    return record::Offset{static_cast<uint64_t>(as_of_offset)};
  }
};

// Of silver's tables, the quality counters and the log, whose columns are the code's: it goes up when one of
// their columns changes its meaning.
constexpr uint64_t kTableVersion = 1;

// A table beside the rows, in JSON answers alone: an array of objects, or one object.
struct Part {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;  // as columns
  bool single = false;                   // its only row, as an object
};

struct Result {
  Position position;
  record::LastChange last_change;  // what can have changed the answer last (for the ETag)
  std::string view;
  uint64_t view_version = 0;
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;  // as columns
  std::string next_cursor;               // "" on the last page
  // Of an answer as a whole, before the rows: values by name, then tables.
  std::vector<std::pair<std::string, Value>> members = {};
  std::vector<Part> parts = {};
};

// status: 400 with a pointer such as "/limit" for a parameter, 404, 410, 422, 503.
struct Failure {
  int status = 400;
  event::Problem problem;
};

template <typename T>
using Answer = std::variant<T, Failure>;

}  // namespace lode::query
