#include "query/record_lookup.h"

#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "event/flatbuffers_json.h"
#include "event/time.h"

namespace lode::query {

namespace {

std::string format_name(event::Format format) {
  switch (format) {
    case event::Format::json:
      return "json";
    case event::Format::flatbuffers:
      return "flatbuffers";
    case event::Format::cloudevents:
      return "cloudevents";
  }
  return "unknown";
}

}  // namespace

std::vector<Value> log_row(uint64_t offset, event::Micros received_at, const record::RecordView& record,
                           bool contact) {
  bool binary = record.format == event::Format::flatbuffers;
  std::vector<Value> row{
      static_cast<int64_t>(offset), event::format_rfc3339(received_at), format_name(record.format),
      RawJson{binary ? event::event_json_of_flatbuffers(record.payload) : std::string(record.payload)}};
  Value& retried = row.emplace_back();
  if (record.retry_of >= 0) retried = record.retry_of;
  if (!contact) return row;
  if (record.contact.empty())
    row.emplace_back();
  else
    row.emplace_back(
        RawJson{binary ? event::contact_json_of_flatbuffers(record.contact) : std::string(record.contact)});
  return row;
}

std::optional<log::StoredEntry> read_applied(const log::Log& log, record::EntryIndex entry) {
  constexpr record::GroupId kGroup{0};
  constexpr int kTries = 10'000;
  for (int i = 0; i < kTries; ++i) {
    auto stored = log.read(kGroup, entry);
    if (stored || entry < log.first_index(kGroup)) return stored;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  throw std::runtime_error("log entry " + std::to_string(entry.value) + " is applied, but not on the disk");
}

std::optional<std::vector<Value>> RecordLookup::find(uint64_t offset, bool contact) {
  record::Offset wanted{offset};
  std::optional<uint32_t> item;
  if (entry_) item = entry_->item_of(wanted);
  if (!item) {
    if (!load(wanted)) return std::nullopt;
    item = entry_->item_of(wanted);  // the index found the entry by it
  }
  if ((*batch_)[*item].gap) return std::nullopt;
  return log_row(offset, batch_->receive_time(), (*batch_)[*item], contact);
}

std::optional<event::Micros> RecordLookup::received_at(uint64_t offset) {
  const record::Offset wanted{offset};
  if (!(entry_ && entry_->item_of(wanted)) && !load(wanted)) return std::nullopt;
  return batch_->receive_time();
}

bool RecordLookup::load(record::Offset offset) {
  entry_.reset();
  {
    std::shared_lock lock(source_.state.mutex());
    entry_ = source_.index.find(offset);
  }
  if (!entry_) return false;
  auto stored = read_applied(source_.log, entry_->entry);
  if (!stored) {
    entry_.reset();
    return false;
  }
  batch_ = record::RecordBatch::decode(stored->payload);
  bytes_read_ += batch_->buffer()->size();
  return true;
}

}  // namespace lode::query
