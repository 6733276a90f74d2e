// The values of one path, in their order, in the form that takes least: a table of the distinct ones with
// numbers (which the value of another column at the same place may foretell: a product's description), or
// counted ids, times, UUIDs as numbers, or their bytes. Pure; one thread an object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "log/section.h"

namespace lode::log {

enum class ColumnForm : uint8_t { bytes = 0, table = 1, counted = 2, time = 3, uuid = 4 };

// Numbers as columns of their bytes, each a section.
void write_planes(const std::vector<uint64_t>& numbers, SectionWriter& out);
std::vector<uint64_t> read_planes(SectionReader& in, size_t count);

class ColumnWriter {
 public:
  void add(std::string_view value);  // outlives the writer
  size_t count() const { return values_.size(); }

  // All values are there: chooses the form.
  void finish(SectionWriter& sections);
  ColumnForm form() const { return form_; }
  // Of a table: the number of value i, and how many there are.
  uint32_t number(size_t i) const { return numbers_[i]; }
  size_t distinct() const { return table_.size(); }
  const std::vector<std::string_view>& table() const { return table_; }

  // `told`: of a table, by which column, and what of it is not foretold: 0, or the number + 1.
  struct Told {
    uint32_t by = 0;
    std::vector<uint64_t> numbers;
  };
  void write(const std::optional<Told>& told, SectionWriter& out) const;
  size_t numbers_cost(SectionWriter& sections) const;  // without being told

 private:
  bool count_up();
  bool read_times();
  bool read_uuids();
  void make_table();
  std::string values_text() const;

  std::vector<std::string_view> values_;
  ColumnForm form_ = ColumnForm::bytes;
  std::vector<std::string_view> table_;
  std::vector<uint32_t> numbers_;
  std::string prefix_;
  uint64_t width_ = 0;           // of a counted one's digits; 0: as many as it needs
  std::vector<uint64_t> steps_;  // zigzag from one to the next
  std::vector<uint64_t> plain_;  // the numbers themselves
  bool by_steps_ = false;
  std::string uuids_;
};

class ColumnReader {
 public:
  explicit ColumnReader(SectionReader& in);
  ColumnForm form() const { return form_; }
  // Of a table: which column foretells it, + 1; 0: none.
  uint32_t told_by() const { return told_by_; }
  uint32_t current() const { return current_; }  // number of the last value
  // Appends the next value. `teller`: the current() of the column that foretells it.
  void append_next(std::string& out, uint32_t teller);
  bool done() const { return next_ == count_; }

 private:
  ColumnForm form_ = ColumnForm::bytes;
  size_t count_ = 0, next_ = 0;
  uint32_t told_by_ = 0, current_ = 0;
  std::string text_;
  std::vector<std::string_view> table_;  // or the values
  std::vector<uint64_t> numbers_;
  std::vector<uint32_t> last_;  // by the teller's number
  std::string prefix_;
  uint64_t width_ = 0;
  bool by_steps_ = false;
  int64_t before_ = 0;
};

}  // namespace lode::log
