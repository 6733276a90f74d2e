// What the log costs: encoding a batch, appending it with a sync, the disk beneath. Prints text; run it on
// the disk that is to be measured: log_bench [folder]. Method and figures: tests/bench/README.md.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "log/rocksdb_log.h"
#include "record/batch.h"

namespace {

using Clock = std::chrono::steady_clock;
using lode::log::EntryType;

double micros_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

void print_latency(const char* what, std::vector<double> micros) {
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double part) {
    return micros[static_cast<size_t>(part * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%-44s p50 %8.1f us   p99 %8.1f us   max %8.1f us   n %zu\n", what, at(0.5), at(0.99), at(1),
              micros.size());
}

// A single-line purchase of about 300 bytes; `random_ids`: a UUIDv4 each, else consecutive ids.
std::string purchase(std::mt19937_64& random, uint64_t number, bool random_ids) {
  char id[40], text[512];
  std::snprintf(id, sizeof id, "%08lx-%04lx-4%03lx-9%03lx-%012lx", random() >> 32, random() >> 48,
                random() >> 52, random() >> 52, random() >> 16);
  if (!random_ids) std::snprintf(id, sizeof id, "event-%030lu", number);
  const int bytes = std::snprintf(
      text, sizeof text,
      R"({"event_id":"%s","type":"purchase","occurred_at":"2011-%02lu-%02luT%02lu:%02lu:00Z","source":"web",)"
      R"("order_id":"%lu","currency":"GBP","channel":"web","customer":{"id":"%lu","country":"United Kingdom"},)"
      R"("lines":[{"sku":"%luB","description":"WHITE HANGING HEART HOLDER","quantity":%lu,"unit_price":"%lu.%02lu"}]})",
      id, 1 + random() % 12, 1 + random() % 28, random() % 24, random() % 60, 536'365 + number,
      12'000 + random() % 5'000, 20'000 + random() % 4'000, 1 + random() % 24, random() % 20, random() % 100);
  return {text, static_cast<size_t>(bytes)};
}

std::vector<std::string> purchases(size_t count, bool random_ids) {
  std::mt19937_64 random(1);
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) out.push_back(purchase(random, i, random_ids));
  return out;
}

std::string encode(lode::record::BatchWriter& writer, const std::vector<std::string>& payloads, size_t from,
                   size_t count) {
  for (size_t i = 0; i < count; ++i) {
    lode::event::Event event;
    event.payload = payloads[from + i];
    writer.add(event);
  }
  return writer.encode({1'291'191'960'000'000});
}

void bench_encoding(const char* what, const std::vector<std::string>& payloads, size_t per_batch) {
  lode::record::BatchWriter writer;
  std::vector<std::string> batches;
  encode(writer, payloads, 0, per_batch);
  size_t raw = 0, stored = 0;
  const auto start = Clock::now();
  for (size_t from = 0; from + per_batch <= payloads.size(); from += per_batch) {
    batches.push_back(encode(writer, payloads, from, per_batch));
  }
  const double encode_us = micros_since(start);
  const double events = static_cast<double>(batches.size() * per_batch);
  for (size_t i = 0; i < batches.size() * per_batch; ++i) raw += payloads[i].size();
  for (const std::string& batch : batches) stored += batch.size();
  const auto decode_start = Clock::now();
  for (const std::string& batch : batches) lode::record::RecordBatch::decode(batch);
  const double decode_us = micros_since(decode_start);
  std::printf("%-32s encode %6.0f ns/event   decode %6.0f ns/event   %5.1f -> %5.1f bytes/event\n", what,
              encode_us * 1e3 / events, decode_us * 1e3 / events, static_cast<double>(raw) / events,
              static_cast<double>(stored) / events);
}

// The disk itself: the same bytes appended to a file of fixed, written blocks (`written`) or to one that
// grows.
void bench_disk(const std::string& folder, const std::string& bytes, int count, bool written,
                const char* what) {
  const std::string path = folder + "/plain";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  const std::string zeros(1 << 20, '\0');
  const size_t total = bytes.size() * static_cast<size_t>(count);
  for (size_t done = 0; written && done < total; done += zeros.size()) {
    if (write(fd, zeros.data(), zeros.size()) < 0) std::abort();
  }
  if (fsync(fd) || lseek(fd, 0, SEEK_SET) < 0) std::abort();
  std::vector<double> micros;
  for (int i = 0; i < count; ++i) {
    const auto start = Clock::now();
    if (write(fd, bytes.data(), bytes.size()) < 0 || fdatasync(fd)) std::abort();
    micros.push_back(micros_since(start));
  }
  close(fd);
  unlink(path.c_str());
  print_latency(what, std::move(micros));
}

void bench_append(const std::string& folder, const std::string& payload, int count, const char* what) {
  const std::string path = folder + "/log";
  std::filesystem::remove_all(path);
  {
    lode::log::RocksDbLog log({.path = path});
    std::vector<double> micros;
    for (int i = 1; i <= count; ++i) {
      const lode::log::Entry entry{{static_cast<uint64_t>(i)}, {1}, EntryType::batch, payload};
      const auto start = Clock::now();
      log.append({0}, {&entry, 1});
      micros.push_back(micros_since(start));
    }
    print_latency(what, std::move(micros));
  }
  std::filesystem::remove_all(path);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string parent = argc > 1 ? argv[1] : ".";
  const std::string folder = parent + "/log_bench.data";
  std::filesystem::create_directories(folder);

  const auto random_ids = purchases(100'000, true);
  const auto serial_ids = purchases(100'000, false);
  bench_encoding("1000 a batch, random ids", random_ids, 1000);
  bench_encoding("1000 a batch, consecutive ids", serial_ids, 1000);
  bench_encoding("10 a batch, random ids", random_ids, 10);
  bench_encoding("1 a batch, random ids", random_ids, 1);

  lode::record::BatchWriter writer;
  const std::string small = encode(writer, random_ids, 0, 1);
  const std::string large = encode(writer, random_ids, 0, 1000);
  for (int round = 0; round < 2; ++round) {
    bench_disk(folder, small, 3000, false, "disk, 1 event, growing file + fdatasync");
    bench_disk(folder, small, 3000, true, "disk, 1 event, written file + fdatasync");
    bench_append(folder, small, 3000, "log, 1 event an entry");
    bench_disk(folder, large, 1000, false, "disk, 1000 events, growing file + fdatasync");
    bench_disk(folder, large, 1000, true, "disk, 1000 events, written file + fdatasync");
    bench_append(folder, large, 4000, "log, 1000 events an entry");
  }
  std::filesystem::remove_all(folder);
}
