// What every log promises of entries that were put into chunks (Log::archive): nothing but the bytes of
// record batches changes for who reads.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "conformance/log_homes.h"
#include "log/chunk.h"
#include "record/batch.h"

namespace lode::log {
namespace {

template <typename Home>
class LogArchive : public LogConformance<Home> {
 public:
  // Entries first..last as they are, in a chunk.
  std::string chunk_of(uint64_t first, uint64_t last) {
    ChunkWriter writer(nullptr, 0, 3);
    this->log().scan({0}, {first}, [&](const StoredEntry& entry) {
      if (entry.index.value > last) return false;
      writer.add({entry.index, entry.term, entry.type}, entry.payload);
      return true;
    });
    return writer.encode();
  }
  void archive(uint64_t first, uint64_t last) { this->log().archive({0}, chunk_of(first, last)); }
  std::vector<uint64_t> indexes_from(uint64_t from) {
    std::vector<uint64_t> seen;
    this->log().scan_headers({0}, {from}, [&](const EntryHead& head) {
      seen.push_back(head.index.value);
      return true;
    });
    return seen;
  }
};

TYPED_TEST_SUITE(LogArchive, Homes);
using Texts = std::vector<std::string>;
using Indexes = std::vector<uint64_t>;

TYPED_TEST(LogArchive, EntriesAreReadAsBefore) {
  this->append(1, {"a", "b", "c", "d", "e"}, 7);
  this->archive(1, 3);
  EXPECT_EQ(this->log().last_archived({0}).value, 3u);
  ASSERT_EQ(this->log().chunks({0}).size(), 1u);
  EXPECT_EQ(this->log().chunks({0})[0].first, 1u);
  EXPECT_EQ(this->log().chunks({0})[0].last, 3u);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(this->payloads_from(3), (Texts{"c", "d", "e"}));
  EXPECT_EQ(this->payload_at(2), "b");
  EXPECT_EQ(this->payload_at(4), "d");
  EXPECT_EQ(this->payload_at(6), "none");
  EXPECT_EQ(this->indexes_from(2), (Indexes{2, 3, 4, 5}));
  EXPECT_EQ(this->log().read({0}, {2})->term.value, 7u);
  this->append(6, {"f"});
  this->archive(4, 6);
  EXPECT_EQ(this->payloads_from(2), (Texts{"b", "c", "d", "e", "f"}));
  EXPECT_EQ(this->log().first_index({0}).value, 1u);
  EXPECT_EQ(this->log().last_index({0}).value, 6u);
  this->append(7, {"g"});
  EXPECT_EQ(this->payload_at(7), "g");
}

TYPED_TEST(LogArchive, TypesAndAnyBytesComeBack) {
  const std::string bytes("\0\xff\n", 3);
  const std::vector<Entry> entries{{{1}, {1ull << 63}, EntryType::change, bytes},
                                   {{2}, {7}, EntryType::no_op, ""},
                                   {{3}, {8}, EntryType::control, "c"}};
  this->log().append({0}, entries);
  this->archive(1, 3);
  for (const Entry& entry : entries) {
    const auto stored = this->log().read({0}, entry.index);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->index, entry.index);
    EXPECT_EQ(stored->term, entry.term);
    EXPECT_EQ(stored->type, entry.type);
    EXPECT_EQ(stored->payload, entry.payload);
  }
}

TYPED_TEST(LogArchive, AScanStopsWhenToldTo) {
  this->append(1, {"a", "b", "c", "d"});
  this->archive(1, 2);
  this->archive(3, 3);
  for (int stop = 1; stop <= 4; ++stop) {
    int visited = 0;
    this->log().scan({0}, {1}, [&](const StoredEntry&) { return ++visited < stop; });
    EXPECT_EQ(visited, stop);
  }
}

TYPED_TEST(LogArchive, ThePrefixGoesAlsoInsideOfAChunk) {
  this->append(1, {"a", "b", "c", "d", "e", "f"});
  this->archive(1, 2);
  this->archive(3, 5);
  this->log().truncate_prefix({0}, {4});
  EXPECT_EQ(this->payload_at(3), "none");
  EXPECT_EQ(this->payload_at(4), "d");
  EXPECT_EQ(this->payloads_from(1), (Texts{"d", "e", "f"}));
  EXPECT_EQ(this->indexes_from(1), (Indexes{4, 5, 6}));
  this->archive(4, 6);
  EXPECT_EQ(this->payloads_from(1), (Texts{"d", "e", "f"}));
  this->log().truncate_prefix({0}, {9});
  EXPECT_EQ(this->payloads_from(1), Texts{});
  EXPECT_EQ(this->log().last_archived({0}).value, 0u);
  EXPECT_EQ(this->log().last_index({0}).value, 8u);
  this->append(9, {"i"});
  EXPECT_EQ(this->payloads_from(1), Texts{"i"});
}

TYPED_TEST(LogArchive, ItsEntriesAreFinal) {
  this->append(1, {"a", "b", "c", "d"});
  this->archive(1, 2);
  EXPECT_THROW(this->append(2, {"x"}), std::logic_error);
  EXPECT_THROW(this->log().truncate_suffix({0}, {2}), std::logic_error);
  this->append(3, {"x"});
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "x"}));
  this->log().truncate_suffix({0}, {3});
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b"}));
  this->append(3, {"y"});
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "y"}));
}

TYPED_TEST(LogArchive, AChunkTakesThePlaceOfWholeOnesOnly) {
  this->append(1, {"a", "b", "c", "d", "e", "f"});
  EXPECT_THROW(this->archive(2, 3), std::logic_error) << "it leaves a gap";
  this->archive(1, 2);
  this->archive(3, 4);
  EXPECT_THROW(this->archive(2, 4), std::logic_error) << "it cuts one in two";
  EXPECT_THROW(this->archive(3, 3), std::logic_error) << "it cuts one in two";
  EXPECT_THROW(this->archive(6, 6), std::logic_error) << "it leaves a gap";
  EXPECT_THROW(this->log().archive({0}, "no chunk"), record::Corruption);
  this->archive(3, 5);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "c", "d", "e", "f"}));
  this->archive(1, 5);
  EXPECT_EQ(this->log().last_archived({0}).value, 5u);
  EXPECT_EQ(this->payloads_from(1), (Texts{"a", "b", "c", "d", "e", "f"}));
  EXPECT_EQ(this->payload_at(4), "d");
}

TYPED_TEST(LogArchive, SizesAreThoseOfTheChunks) {
  for (uint64_t i = 1; i <= 8; ++i) this->append(i, {std::string(1 << 20, 'x')});
  const uint64_t before = this->log().payload_bytes({0});
  EXPECT_GE(before, 7u << 20);
  this->archive(1, 3);
  this->archive(4, 6);
  const uint64_t after = this->log().payload_bytes({0});
  EXPECT_LT(after, 4u << 20);
  EXPECT_GE(after, 1u << 20);
  EXPECT_EQ(this->log().last_beyond({0}, 1 << 20).value, 7u);
  EXPECT_EQ(this->log().last_beyond({0}, 64ull << 20).value, 0u);
  EXPECT_LE(this->log().last_beyond({0}, after).value, 3u);
}

TYPED_TEST(LogArchive, RecordsComeBackAsTheyWere) {
  using record::RecordView;
  record::BatchWriter writer;
  const std::vector<RecordView> records{
      {event::Format::json,
       R"({"event_id":"e-1","n":[1,2.50,"x\"\\","",{}],"t":"2026-01-01T00:00:00Z"})",
       "",
       -1,
       {}},
      {event::Format::json,
       R"({"event_id":"e-2","n":[7,-1e9,"é"],"t":"2026-01-01T00:00:07Z"})",
       R"({"email":"a@b"})",
       5,
       {}},
      {event::Format::json, "not json \x01\x02 at all", "", -1, {}},
      {event::Format::json, "", "", -1, {}},
      {event::Format::flatbuffers, std::string_view("\x04\0\0\0", 4), "", -1, {}},
      {event::Format::cloudevents, R"({ "specversion" : "1.0" , "data":null })", "", -1, {}},
      {event::Format::json, R"({"type":"customer"})", "", -1, record::GapKeys{1ull << 63, 9, 7}}};
  for (const RecordView& record : records) writer.add(record);
  const std::string bytes = writer.encode({1'700'000'000'123'456}, record::Origin{3, 1ull << 62});
  this->append(1, {bytes, bytes, "behind"});
  ChunkWriter chunk(nullptr, 0, 19);
  for (uint64_t i = 1; i <= 2; ++i) {
    const auto batch = record::RecordBatch::decode(bytes);
    std::vector<RecordView> views;
    for (uint32_t j = 0; j < batch.count(); ++j) views.push_back(batch[j]);
    chunk.add({{i}, {1}, EntryType::batch}, batch, views);
  }
  this->log().archive({0}, chunk.encode());
  for (uint64_t i = 1; i <= 2; ++i) {
    const auto batch = record::RecordBatch::decode(this->payload_at(i));
    EXPECT_EQ(batch.receive_time().value, 1'700'000'000'123'456);
    EXPECT_EQ(batch.origin(), (record::Origin{3, 1ull << 62}));
    ASSERT_EQ(batch.count(), records.size());
    for (uint32_t j = 0; j < batch.count(); ++j) {
      EXPECT_EQ(batch[j].format, records[j].format) << j;
      EXPECT_EQ(batch[j].payload, records[j].payload) << j;
      EXPECT_EQ(batch[j].contact, records[j].contact) << j;
      EXPECT_EQ(batch[j].retry_of, records[j].retry_of) << j;
      EXPECT_EQ(batch[j].gap, records[j].gap) << j;
    }
  }
}

TYPED_TEST(LogArchive, ReadersGoOnMeanwhile) {
  constexpr uint64_t kEntries = 400;
  Texts expected;
  for (uint64_t i = 1; i <= kEntries; ++i) expected.push_back("payload " + std::to_string(i));
  this->append(1, expected);
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0, read = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&, r] {
      while (!stop || read < 2) {
        Texts seen;
        this->log().scan({0}, {1}, [&](const StoredEntry& entry) {
          seen.push_back(entry.payload);
          return true;
        });
        if (seen.size() < kEntries || !std::equal(expected.begin(), expected.end(), seen.begin())) ++wrong;
        for (uint64_t i = 1 + static_cast<uint64_t>(r); i <= kEntries; i += 37)
          if (this->payload_at(i) != expected[i - 1]) ++wrong;
        ++read;
      }
    });
  }
  for (uint64_t i = 0; i < 8; ++i) {
    this->archive(i * 50 + 1, i * 50 + 50);
    this->append(kEntries + i + 1, {"later"});
  }
  this->archive(1, 400);
  this->log().reclaim({0});
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace lode::log
