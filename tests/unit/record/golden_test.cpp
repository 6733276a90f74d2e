// Bytes of every format version are kept under tests/golden/record and must be read for ever. To add those of
// a new version: LODE_REWRITE_GOLDEN=1 unit_record. Files of older versions are never rewritten.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "record/batch.h"
#include "record/header.h"

namespace lode::record {
namespace {

struct Example {
  std::string name;
  event::Micros receive_time;
  struct Record {
    event::Format format;
    std::string payload, contact;
    int64_t retry_of = -1;
    std::optional<GapKeys> gap = std::nullopt;
  };
  std::vector<Record> records;
  std::optional<Origin> origin = std::nullopt;
};

// What the files of each version hold. Fixed: a change here is a change of history.
std::vector<Example> examples(int version) {
  using event::Format;
  const std::string purchase =
      R"({"event_id":"e1","type":"purchase","occurred_at":"2010-12-01T08:26:00Z","order_id":"536365",)"
      R"("currency":"GBP","lines":[{"sku":"85123A","quantity":6,"unit_price":"2.55"}]})";
  const std::string contact = R"({"customer":{"email":"a@example.com","name":"A B"}})";
  Example many{"many", {1'291'191'960'000'001}, {}};
  for (int i = 0; i < 500; ++i) many.records.push_back({Format::json, purchase + std::to_string(i), "", -1});
  std::vector<Example> out{
      {"empty", {0}, {}},
      {"one", {1'291'191'960'000'000}, {{Format::json, purchase, ""}}},
      {"contacts", {-1}, {{Format::json, purchase, contact}, {Format::json, purchase, ""}}},
      {"retries", {7}, {{Format::json, purchase, "", 0}, {Format::json, "", contact, 1ll << 40}}},
      {"formats",
       {1},
       {{Format::json, "{}", ""},
        {Format::flatbuffers, std::string("\x04\0\0\0", 4), std::string("\0\xff", 2)},
        {Format::cloudevents, R"({"specversion":"1.0"})", ""}}},
      many,
      {"origin", {2}, {{Format::json, purchase, ""}}, Origin{3, (1ull << 63) + 5}}};
  if (version >= 2)
    out.push_back({"gaps",
                   {3},
                   {{Format::json, "{}", "", -1, GapKeys{1ull << 63, 1u << 31, 7}},
                    {Format::json, purchase, contact, -1},
                    {Format::json, R"({"type":"customer"})", "", -1, GapKeys{1, 2, 3}}}});
  return out;
}

std::filesystem::path file_of(int version, const std::string& name) {
  return std::filesystem::path(LODE_SOURCE_DIR) / "tests/golden/record" /
         ("v" + std::to_string(version) + "-" + name + ".bin");
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

std::string encode(const Example& example) {
  BatchWriter writer;
  for (const auto& record : example.records)
    writer.add(RecordView{record.format, record.payload, record.contact, record.retry_of, record.gap});
  return example.name == "gaps" ? writer.encode(example.receive_time, example.origin)
                                : writer.encode_plain(example.receive_time, example.origin);
}

void expect_holds(const RecordBatch& batch, const Example& example) {
  EXPECT_EQ(batch.receive_time(), example.receive_time);
  EXPECT_EQ(batch.origin(), example.origin);
  ASSERT_EQ(batch.count(), example.records.size());
  for (uint32_t i = 0; i < batch.count(); ++i) {
    EXPECT_EQ(batch[i].format, example.records[i].format);
    EXPECT_EQ(batch[i].payload, example.records[i].payload);
    EXPECT_EQ(batch[i].contact, example.records[i].contact);
    EXPECT_EQ(batch[i].retry_of, example.records[i].retry_of);
    EXPECT_EQ(batch[i].gap, example.records[i].gap);
  }
}

TEST(GoldenBytes, EveryVersionIsRead) {
  if (std::getenv("LODE_REWRITE_GOLDEN")) {
    for (const Example& example : examples(kFormatVersion)) {
      std::ofstream(file_of(kFormatVersion, example.name), std::ios::binary) << encode(example);
    }
  }
  for (int version = 1; version <= kFormatVersion; ++version) {
    for (const Example& example : examples(version)) {
      SCOPED_TRACE(file_of(version, example.name));
      expect_holds(RecordBatch::decode(read_file(file_of(version, example.name))), example);
    }
  }
}

TEST(GoldenBytes, TheFilesAreAllOfThem) {
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(file_of(1, "").parent_path())) {
    files += file.path().extension() == ".bin";
  }
  size_t expected = 0;
  for (int version = 1; version <= kFormatVersion; ++version) expected += examples(version).size();
  EXPECT_EQ(files, expected);
}

}  // namespace
}  // namespace lode::record
