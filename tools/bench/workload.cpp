#include "bench/workload.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace lode::bench {
namespace {

constexpr size_t kLengthDigits = 10;

int32_t today() { return static_cast<int32_t>(std::time(nullptr) / 86'400); }

std::string head_of(const Settings& settings) {
  bool one = settings.batch == 1;
  return "POST /v1/events?ack=" + settings.ack + " HTTP/1.1\r\nHost: " + settings.http.front() +
         "\r\nContent-Type: " + (one ? "application/json" : "application/x-ndjson") +
         "\r\nContent-Length: " + std::string(kLengthDigits, '0') + "\r\n\r\n";
}

}  // namespace

std::vector<std::string> read_lines(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("can't read " + file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) throw std::runtime_error(file + " holds no events");
  return lines;
}

generate::StreamSettings stream_settings(const Settings& settings) {
  generate::StreamSettings out;
  out.seed = settings.seed;
  out.customers = settings.customers;
  out.skus = settings.skus;
  out.uuid = settings.ids == "uuid";
  out.orders_per_day = settings.orders_per_day;
  if (settings.today) {
    out.start = {today()};
    out.days = 1;
  } else {
    // Never later than today: Lode takes no purchase of the future.
    out.days = static_cast<uint32_t>(std::max(1, std::min(730, today() - out.start.value)));
  }
  return out;
}

Workload::Workload(const Settings& settings, const std::vector<std::string>& lines)
    : settings_(settings), lines_(lines), stream_(stream_settings(settings)), head_(head_of(settings)) {}

uint64_t Workload::requests() const {
  uint64_t events = settings_.events;
  if (!lines_.empty()) events = events == 0 ? lines_.size() : std::min<uint64_t>(events, lines_.size());
  return (events + settings_.batch - 1) / settings_.batch;
}

uint64_t Workload::count_of(uint64_t request) const {
  uint64_t first = request * settings_.batch, end = first + settings_.batch;
  if (settings_.events != 0) end = std::min(end, settings_.events);
  if (!lines_.empty()) end = std::min<uint64_t>(end, lines_.size());
  return end > first ? end - first : 0;
}

size_t Workload::event_bytes() {
  return lines_.empty() ? stream_.json(settings_.first).size() : lines_.front().size();
}

void Workload::write_http(uint64_t request, std::string& out) {
  uint64_t first = request * settings_.batch, count = count_of(request);
  out.clear();
  out += head_;
  for (uint64_t i = 0; i < count; i++) {
    out += lines_.empty() ? stream_.json(settings_.first + first + i) : std::string_view(lines_[first + i]);
    out += '\n';
  }
  size_t length = out.size() - head_.size();
  for (size_t i = 1; i <= kLengthDigits; i++, length /= 10) {
    out[head_.size() - 4 - i] = static_cast<char>('0' + length % 10);
  }
}

void Workload::write_tcp(uint64_t request, client::Batch& batch) {
  uint64_t first = request * settings_.batch, count = count_of(request);
  for (uint64_t i = 0; i < count; i++) {
    if (!lines_.empty()) {
      batch.add(client::Format::json, lines_[first + i]);
    } else if (settings_.format == "flatbuffers") {
      batch.add(client::Format::flatbuffers, stream_.flatbuffer(settings_.first + first + i));
    } else {
      batch.add(client::Format::json, stream_.json(settings_.first + first + i));
    }
  }
}

}  // namespace lode::bench
