#include <algorithm>

#include "log/column.h"
#include "log/column_forms.h"

namespace lode::log {

namespace {

using Kind = SectionWriter::Kind;

size_t plane_count(const std::vector<uint64_t>& numbers) {
  uint64_t all = 0;
  for (const uint64_t number : numbers) all |= number;
  size_t planes = 0;
  for (; all > 0; all >>= 8) ++planes;
  return planes;
}

std::string plane(const std::vector<uint64_t>& numbers, size_t which) {
  std::string out(numbers.size(), '\0');
  for (size_t i = 0; i < numbers.size(); ++i) out[i] = static_cast<char>(numbers[i] >> (8 * which));
  return out;
}

size_t planes_cost(const std::vector<uint64_t>& numbers, SectionWriter& sections) {
  size_t cost = 0;
  for (size_t i = 0; i < plane_count(numbers); ++i) cost += sections.cost(plane(numbers, i));
  return cost;
}

std::vector<uint64_t> steps_of(const std::vector<uint64_t>& numbers) {
  std::vector<uint64_t> out;
  uint64_t before = 0;
  for (const uint64_t number : numbers) {
    out.push_back(zigzag(static_cast<int64_t>(number - before)));
    before = number;
  }
  return out;
}

}  // namespace

void write_planes(const std::vector<uint64_t>& numbers, SectionWriter& out) {
  const size_t planes = plane_count(numbers);
  out.add(std::string(1, static_cast<char>(planes)));
  for (size_t i = 0; i < planes; ++i) out.add(plane(numbers, i));
}

void ColumnWriter::add(std::string_view value) { values_.push_back(value); }

// Values that end with decimal digits behind the same prefix: all of one width, or none with zeros in front.
bool ColumnWriter::count_up() {
  const std::string_view first = values_.front();
  size_t prefix = digits_at(first);
  for (const std::string_view value : values_) {
    prefix = std::min(prefix, value.size());
    prefix = static_cast<size_t>(
        std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(prefix), value.begin())
            .first -
        first.begin());
  }
  bool same_width = true, canonical = true;
  plain_.clear();
  for (const std::string_view value : values_) {
    const std::string_view digits = value.substr(prefix);
    if (digits.empty() || digits.size() > 18 || digits_at(value) > prefix) return false;
    same_width = same_width && value.size() == first.size();
    canonical = canonical && (digits.size() == 1 || digits[0] != '0');
    plain_.push_back(digits_value(digits));
  }
  if (!same_width && !canonical) return false;
  prefix_ = first.substr(0, prefix);
  width_ = same_width ? first.size() - prefix : 0;
  return true;
}

bool ColumnWriter::read_times() {
  plain_.clear();
  for (const std::string_view value : values_) {
    const auto seconds = seconds_of(value);
    if (!seconds || *seconds < 0) return false;
    plain_.push_back(static_cast<uint64_t>(*seconds));
  }
  return true;
}

bool ColumnWriter::read_uuids() {
  for (const std::string_view value : values_)
    if (!append_uuid_bytes(uuids_, value)) return false;
  return true;
}

void ColumnWriter::make_table() {
  std::unordered_map<std::string_view, uint32_t> known;
  for (const std::string_view value : values_) known.try_emplace(value, 0);
  for (const auto& [value, number] : known) table_.push_back(value);
  std::sort(table_.begin(), table_.end());
  for (uint32_t i = 0; i < table_.size(); ++i) known[table_[i]] = i;
  for (const std::string_view value : values_) numbers_.push_back(known[value]);
}

std::string ColumnWriter::values_text() const {
  std::string out;
  for (const std::string_view value : form_ == ColumnForm::table ? table_ : values_) {
    put_varint(out, value.size());
    out += value;
  }
  return out;
}

void ColumnWriter::finish(SectionWriter& sections) {
  if (values_.empty()) return;
  make_table();
  form_ = ColumnForm::table;
  size_t best = sections.cost(values_text(), Kind::text) + numbers_cost(sections);
  if (table_.size() * 8 > values_.size()) {
    form_ = ColumnForm::bytes;
    if (const size_t cost = sections.cost(values_text(), Kind::text); cost < best)
      best = cost;
    else
      form_ = ColumnForm::table;
  }
  if (table_.size() == 1) return;
  const auto offer_numbers = [&](ColumnForm form) {
    steps_ = steps_of(plain_);
    const size_t by_steps = planes_cost(steps_, sections), plain = planes_cost(plain_, sections);
    if (std::min(by_steps, plain) >= best) return;
    best = std::min(by_steps, plain);
    by_steps_ = by_steps < plain;
    form_ = form;
  };
  if (read_times())
    offer_numbers(ColumnForm::time);
  else if (count_up())
    offer_numbers(ColumnForm::counted);
  else if (read_uuids() && uuids_.size() < best)
    form_ = ColumnForm::uuid;
}

size_t ColumnWriter::numbers_cost(SectionWriter& sections) const {
  return planes_cost({numbers_.begin(), numbers_.end()}, sections);
}

void ColumnWriter::write(const std::optional<Told>& told, SectionWriter& out) const {
  std::string head(1, static_cast<char>(form_));
  put_varint(head, values_.size());
  if (form_ == ColumnForm::table) {
    put_varint(head, table_.size());
    put_varint(head, told ? told->by + 1 : 0);
  }
  if (form_ == ColumnForm::counted || form_ == ColumnForm::time) put_varint(head, by_steps_ ? 1 : 0);
  if (form_ == ColumnForm::counted) {
    put_varint(head, width_);
    head += prefix_;
  }
  out.add(head);
  switch (form_) {
    case ColumnForm::bytes:
      return out.add(values_text(), Kind::text);
    case ColumnForm::table:
      out.add(values_text(), Kind::text);
      return write_planes(told ? told->numbers : std::vector<uint64_t>{numbers_.begin(), numbers_.end()},
                          out);
    case ColumnForm::counted:
    case ColumnForm::time:
      return write_planes(by_steps_ ? steps_ : plain_, out);
    case ColumnForm::uuid:
      return out.add(uuids_);
  }
}

}  // namespace lode::log
