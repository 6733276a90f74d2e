// From CSV rows to events by a mapping: groups the rows of one event and writes it as the JSON that a client
// would have sent, so that everything behind goes the one road. The body of text/csv and an imported file
// alike.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/json.h"
#include "event/mapping.h"

namespace lode::event {

// A row that was left out.
struct RowProblem {
  uint32_t row = 0;   // from 0, the header and blank lines not counted
  uint64_t line = 0;  // of the file, from 1
  Problem problem;    // `invalid_row`; its detail names the line
};

// Not thread-safe. Rows of one event may stand anywhere in the file, so events are complete only after
// finish(); until then each is held as about the bytes of its rows. What stands once in an event (time,
// customer) is its first row's.
class CsvOrders {
 public:
  // The mapping outlives this. More than `most_items` events and left-out rows are fatal: `too_many_events`.
  explicit CsvOrders(const Mapping& mapping, uint64_t most_items = ~0ull);
  ~CsvOrders();

  void feed(std::string_view bytes);
  void finish();

  // Why nothing can be read: the header lacks a column (known after the first feed that holds the header,
  // else finish()), or there is too much. What is fed behind it is not looked at.
  const std::optional<Problem>& fatal() const;
  const std::vector<RowProblem>& problems() const;  // ascending
  uint32_t rows() const;                            // so far, left-out ones too

  size_t size() const;  // events, in the order of their first rows
  std::string json(size_t event) const;
  uint32_t first_row(size_t event) const;
  uint64_t first_line(size_t event) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A body of text/csv. An event's index is that of its first row. An answer: nothing can be read
// (`invalid_header`, `too_many_events`) and nothing was appended.
std::optional<Problem> decode_csv(std::shared_ptr<const std::string> body, const Mapping& mapping,
                                  JsonDecoder& decoder, EventBatch& batch);

}  // namespace lode::event
