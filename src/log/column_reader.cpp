#include "log/column.h"
#include "log/column_forms.h"
#include "record/batch.h"

namespace lode::log {

namespace {

constexpr uint64_t kMostValues = 1ull << 28;
constexpr size_t kUuidBytes = 16;
constexpr uint64_t kMostWidth = 18;

[[noreturn]] void corrupt(const char* what) { throw record::Corruption(std::string("log chunk: ") + what); }

std::vector<std::string_view> cut(std::string_view text, size_t count) {
  std::vector<std::string_view> out;
  VarintReader in(text);
  while (out.size() < count) out.push_back(in.bytes(in.next()));
  if (!in.done()) corrupt("texts that belong to nothing");
  return out;
}

}  // namespace

std::vector<uint64_t> read_planes(SectionReader& in, size_t count) {
  const std::string planes = in.next();
  if (planes.size() != 1 || planes[0] < 0 || planes[0] > 8) corrupt("numbers of no known size");
  std::vector<uint64_t> out(count);
  for (int i = 0; i < planes[0]; ++i) {
    const std::string plane = in.next();
    if (plane.size() != count) corrupt("numbers are missing");
    for (size_t j = 0; j < count; ++j)
      out[j] |= static_cast<uint64_t>(static_cast<uint8_t>(plane[j])) << (8 * i);
  }
  return out;
}

ColumnReader::ColumnReader(SectionReader& sections) {
  const std::string head = sections.next();
  VarintReader in(head);
  const uint64_t form = in.next();
  if (form > static_cast<uint64_t>(ColumnForm::uuid)) corrupt("values of no known form");
  form_ = static_cast<ColumnForm>(form);
  count_ = in.next();
  if (count_ > kMostValues) corrupt("too many values");
  switch (form_) {
    case ColumnForm::bytes:
      text_ = sections.next();
      table_ = cut(text_, count_);
      break;
    case ColumnForm::table: {
      const uint64_t distinct = in.next();
      told_by_ = static_cast<uint32_t>(in.next());
      if (distinct > count_) corrupt("a table that is too long");
      text_ = sections.next();
      table_ = cut(text_, distinct);
      numbers_ = read_planes(sections, count_);
      break;
    }
    case ColumnForm::counted:
    case ColumnForm::time:
      by_steps_ = in.next() == 1;
      if (form_ == ColumnForm::counted) {
        width_ = in.next();
        if (width_ > kMostWidth) corrupt("a number that is too wide");
        while (!in.done()) prefix_ += in.bytes(1);
      }
      numbers_ = read_planes(sections, count_);
      break;
    case ColumnForm::uuid:
      text_ = sections.next();
      if (text_.size() != count_ * kUuidBytes) corrupt("ids are missing");
      break;
  }
}

void ColumnReader::append_next(std::string& out, uint32_t teller) {
  if (done()) corrupt("values are missing");
  const size_t i = next_++;
  switch (form_) {
    case ColumnForm::bytes:
      out += table_[i];
      return;
    case ColumnForm::uuid:
      return append_uuid(out, std::string_view(text_).substr(i * kUuidBytes, kUuidBytes));
    case ColumnForm::counted:
    case ColumnForm::time: {
      before_ = by_steps_ ? static_cast<int64_t>(static_cast<uint64_t>(before_) +
                                                 static_cast<uint64_t>(unzigzag(numbers_[i])))
                          : static_cast<int64_t>(numbers_[i]);
      if (form_ == ColumnForm::time) return append_seconds(out, before_);
      out += prefix_;
      return append_digits(out, static_cast<uint64_t>(before_), width_);
    }
    case ColumnForm::table: {
      uint64_t number = numbers_[i];
      if (told_by_ != 0) {
        if (teller >= last_.size()) last_.resize(teller + 1, 0);
        number = number == 0 ? last_[teller] : number - 1;
        last_[teller] = static_cast<uint32_t>(number);
      }
      if (number >= table_.size()) corrupt("a value that is not in its table");
      current_ = static_cast<uint32_t>(number);
      out += table_[current_];
      return;
    }
  }
}

}  // namespace lode::log
