#include "lodectl/import_report.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdio>

#include "generate/json_text.h"
#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

std::string text_at(simdjson::dom::element item, const char* name) {
  std::string_view text;
  if (item[name].get(text)) return {};
  return std::string(text);
}

// The line is named already, and it is the file's: that of a request's body would be another one.
std::string without_line(const std::string& detail) {
  constexpr std::string_view kLine = "Line ";
  size_t end = detail.find(": ");
  if (!detail.starts_with(kLine) || end == std::string::npos ||
      detail.find_first_not_of("0123456789", kLine.size()) != end)
    return detail;
  std::string rest = detail.substr(end + 2);
  if (!rest.empty()) rest[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(rest[0])));
  return rest;
}

}  // namespace

void ImportReport::add(const ImportBatch& batch, std::string_view answer) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  uint64_t accepted, duplicates, rejected;
  if (parser.parse(answer.data(), answer.size()).get(root) || root["accepted"].get(accepted) ||
      root["duplicates"].get(duplicates) || root["rejected"].get(rejected)) {
    throw Failed("the server's answer is not that of loded");
  }
  std::lock_guard lock(mutex_);
  accepted_ += accepted;
  duplicates_ += duplicates;
  rejected_ += rejected;
  file_bytes_ = std::max(file_bytes_, batch.file_bytes);
  simdjson::dom::array results;
  if (root["results"].get(results)) return;
  for (simdjson::dom::element item : results) {
    std::string status = text_at(item, "status");
    if (status == "quarantined") quarantined_[text_at(item, "code")]++;
    uint64_t index;
    if (status != "rejected" || item["index"].get(index) || index >= batch.lines.size()) continue;
    show(batch.lines[index], text_at(item, "code"), text_at(item, "pointer"), text_at(item, "detail"));
  }
}

void ImportReport::add(const BadRow& row) {
  std::lock_guard lock(mutex_);
  bad_rows_++;
  show(row.line, row.problem.code, row.problem.pointer, row.problem.detail);
}

void ImportReport::waited() {
  std::lock_guard lock(mutex_);
  waits_++;
}

void ImportReport::show(uint64_t line, const std::string& code, const std::string& pointer,
                        const std::string& detail) {
  if (shown_ == named_) return;
  ++shown_;
  std::string where = pointer.empty() ? code : code + " at " + pointer;
  std::fprintf(stderr, "\rline %llu: %s: %s\n", static_cast<unsigned long long>(line), where.c_str(),
               without_line(detail).c_str());
}

uint64_t ImportReport::events() const {
  std::lock_guard lock(mutex_);
  return accepted_ + duplicates_ + rejected_;
}

uint64_t ImportReport::bad() const {
  std::lock_guard lock(mutex_);
  return rejected_ + bad_rows_;
}

uint64_t ImportReport::unnamed() const {
  std::lock_guard lock(mutex_);
  return rejected_ + bad_rows_ - shown_;
}

uint64_t ImportReport::file_bytes() const {
  std::lock_guard lock(mutex_);
  return file_bytes_;
}

std::string ImportReport::text(double seconds) const {
  std::lock_guard lock(mutex_);
  uint64_t quarantined = 0;
  std::string rules;
  for (const auto& [rule, count] : quarantined_) {
    quarantined += count;
    rules += (rules.empty() ? "" : ", ") + std::to_string(count) + " " + rule;
  }
  std::string out = std::to_string(accepted_) + " new, " + std::to_string(duplicates_) + " already there, " +
                    std::to_string(rejected_) + " rejected";
  if (bad_rows_ > 0) out += ", " + std::to_string(bad_rows_) + " rows not readable";
  if (quarantined > 0)
    out += "; of the new " + std::to_string(quarantined) + " in quarantine (" + rules + ")";
  char tail[64];
  std::snprintf(tail, sizeof tail, " in %.1f s", seconds);
  return out + tail;
}

std::string ImportReport::json(double seconds) const {
  std::lock_guard lock(mutex_);
  std::string out;
  generate::JsonText json(out);
  json.begin_object().number("new", static_cast<int64_t>(accepted_));
  json.number("already_there", static_cast<int64_t>(duplicates_))
      .number("rejected", static_cast<int64_t>(rejected_));
  json.number("bad_rows", static_cast<int64_t>(bad_rows_)).begin_object("quarantined");
  for (const auto& [rule, count] : quarantined_) json.number(rule, static_cast<int64_t>(count));
  json.end_object()
      .number("sent_again", static_cast<int64_t>(waits_))
      .decimal("seconds", seconds, 3)
      .end_object();
  return out;
}

}  // namespace lode::lodectl
