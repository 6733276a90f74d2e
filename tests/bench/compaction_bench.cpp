// What compaction makes of a log: bytes an event in chunks, and the time to write and to read them.
// compaction_bench [events] [file.ndjson]: single-line purchases, or the events of a file, each line one.
// Method and figures: tests/bench/README.md.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "generate/purchase_stream.h"
#include "log/chunk.h"
#include "record/batch.h"

namespace {

using Clock = std::chrono::steady_clock;
using lode::log::ChunkWriter;
using lode::log::Dictionary;

constexpr size_t kPerBatch = 1000;
constexpr uint64_t kChunkBytes = 8u << 20;
constexpr int kLevel = 19;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <typename Next>
std::vector<std::string> batches_of(size_t events, const Next& next, uint64_t& lines) {
  std::vector<std::string> out;
  lode::record::BatchWriter writer;
  for (size_t i = 0; i < events; ++i) {
    lode::event::Event event;
    event.payload = next(i);
    for (size_t at = 0; (at = event.payload.find("\"sku\"", at)) != std::string_view::npos; ++at) ++lines;
    writer.add(event);
    if (writer.count() == kPerBatch || i + 1 == events)
      out.push_back(writer.encode({1'704'067'200'000'000 + static_cast<int64_t>(i) * 50}));
  }
  return out;
}

std::vector<std::string> compact(const std::vector<std::string>& batches, size_t most,
                                 const Dictionary* dictionary, std::vector<std::vector<std::string>>* texts) {
  ChunkWriter writer(dictionary, dictionary ? 1 : 0, kLevel);
  std::vector<std::string> out;
  const auto end = [&] {
    out.push_back(writer.encode());
    if (texts) texts->push_back(writer.texts());
  };
  for (size_t i = 0; i < batches.size() && out.size() < most; ++i) {
    const auto batch = lode::record::RecordBatch::decode(batches[i]);
    std::vector<lode::record::RecordView> records;
    for (uint32_t j = 0; j < batch.count(); ++j) records.push_back(batch[j]);
    writer.add({{i + 1}, {1}, lode::log::EntryType::batch}, batch, records);
    if (writer.bytes() >= kChunkBytes) end();
  }
  if (writer.entries() > 0 && out.size() < most) end();
  return out;
}

size_t sum(const std::vector<std::string>& all) {
  size_t bytes = 0;
  for (const std::string& one : all) bytes += one.size();
  return bytes;
}

void bench(const char* what, size_t events, uint64_t lines, const std::vector<std::string>& batches) {
  const auto start = Clock::now();
  std::vector<std::vector<std::string>> texts;
  compact(batches, 8, nullptr, &texts);
  const Dictionary dictionary(lode::log::train_dictionary(texts), kLevel);
  const bool trained = !dictionary.bytes().empty();
  const double training = seconds_since(start);
  const auto write_start = Clock::now();
  const auto chunks = compact(batches, SIZE_MAX, trained ? &dictionary : nullptr, nullptr);
  const double writing = seconds_since(write_start);
  const auto read_start = Clock::now();
  size_t entries = 0;
  for (const std::string& chunk : chunks)
    entries += lode::log::read_chunk(chunk, [&](uint32_t) -> const Dictionary& { return dictionary; }).size();
  const double reading = seconds_since(read_start);
  if (entries != batches.size()) std::abort();
  const auto count = static_cast<double>(events);
  const size_t after = sum(chunks) + dictionary.bytes().size();
  std::printf(
      "%-28s %9zu events %9lu lines  %6.1f -> %5.2f bytes/event (%5.2f a line), dictionary %zu, %zu chunks; "
      "training %.1f s, writing %.0f events/s, reading %.0f events/s\n",
      what, events, lines, static_cast<double>(sum(batches)) / count, static_cast<double>(after) / count,
      static_cast<double>(after) / static_cast<double>(lines), dictionary.bytes().size(), chunks.size(),
      training, count / writing, count / reading);
}

void bench_stream(size_t events, bool uuid) {
  lode::generate::StreamSettings settings;
  settings.uuid = uuid;
  lode::generate::PurchaseStream stream(settings);
  uint64_t lines = 0;
  const auto batches = batches_of(
      events, [&](size_t i) { return stream.json(i); }, lines);
  bench(uuid ? "purchases, random ids" : "purchases, consecutive ids", events, lines, batches);
}

}  // namespace

int main(int argc, char** argv) {
  const size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  if (argc > 2) {
    std::ifstream in(argv[2]);
    std::vector<std::string> texts;
    for (std::string line; texts.size() < events && std::getline(in, line);) texts.push_back(line);
    uint64_t lines = 0;
    const auto batches = batches_of(
        texts.size(), [&](size_t i) -> std::string_view { return texts[i]; }, lines);
    bench(argv[2], texts.size(), lines, batches);
    return 0;
  }
  bench_stream(events, false);
  bench_stream(events, true);
}
