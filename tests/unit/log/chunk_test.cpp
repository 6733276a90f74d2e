#include "log/chunk.h"

#include <gmock/gmock.h>

#include <random>

#include "log/column.h"
#include "log/column_forms.h"
#include "log/json_split.h"

namespace lode::log {
namespace {

const Dictionary& no_dictionary(uint32_t) { throw std::logic_error("no dictionary is used"); }

std::string joined(std::string_view around, uint64_t root, const std::vector<Leaf>& leaves) {
  const Around parsed = parse_around(around, root);
  std::string out;
  for (size_t i = 0; i < parsed.places.size(); ++i) {
    EXPECT_EQ(parsed.places[i].path, leaves[i].path);
    out += parsed.places[i].before;
    out += leaves[i].text;
  }
  return out + parsed.end;
}

TEST(JsonSplit, PutTogetherAgainItIsTheSameText) {
  const char* texts[] = {R"({})",
                         R"([])",
                         R"({"a":1})",
                         R"({ "a" : [ "b", -1.5e+7, true, null, {"c":[]} ] , "d":"\"\\" })",
                         R"({"a":"","b":"\\","c":{"d":"x","e":[[1],[2,"3"]]}})",
                         "[1,\n\t2]",
                         "\"text\"",
                         "17",
                         "{\"\\u0001\":\"é\"}"};
  for (const char* text : texts) {
    std::string around;
    std::vector<Leaf> leaves;
    ASSERT_TRUE(split_json(text, 1, around, leaves)) << text;
    EXPECT_EQ(joined(around, 1, leaves), text);
  }
}

TEST(JsonSplit, ElementsOfAnArrayHaveOnePathAndNamesTellPathsApart) {
  std::string around;
  std::vector<Leaf> leaves;
  ASSERT_TRUE(split_json(R"({"a":[{"b":1,"c":2},{"b":3}],"b":4})", 1, around, leaves));
  ASSERT_EQ(leaves.size(), 4u);
  EXPECT_EQ(leaves[0].path, leaves[2].path);
  EXPECT_NE(leaves[0].path, leaves[1].path);
  EXPECT_NE(leaves[0].path, leaves[3].path);
}

TEST(JsonSplit, WhatIsNoJsonIsNotUnderstood) {
  const char* texts[] = {
      "{", "]", "{]", "{\"a", "\"\\", "\x01", "{\"a\":\x02}", "{\"a\":\"\x01\"}", "A", "{\"a\":\"\n\"}"};
  for (const char* text : texts) {
    std::string around;
    std::vector<Leaf> leaves;
    EXPECT_FALSE(split_json(text, 1, around, leaves)) << text;
  }
}

TEST(ColumnForms, GiveTheSameTextBackOrAreNotTaken) {
  for (const char* text : {"2010-12-01T08:26:00Z", "1969-12-31T23:59:59Z", "2000-02-29T00:00:00Z"}) {
    const auto seconds = seconds_of(text);
    ASSERT_TRUE(seconds) << text;
    std::string out;
    append_seconds(out, *seconds);
    EXPECT_EQ(out, text);
  }
  for (const char* text : {"2010-02-30T00:00:00Z", "2010-12-01T24:00:00Z", "2010-12-01T08:26:60Z",
                           "2010-12-01 08:26:00Z", "2010-12-01T08:26:00z", "2010-12-01T08:26:00.5Z"})
    EXPECT_FALSE(seconds_of(text)) << text;
  std::string bytes, text;
  ASSERT_TRUE(append_uuid_bytes(bytes, "0192f0c1-7a3e-7c11-9d52-0c5b8f6f2a10"));
  append_uuid(text, bytes);
  EXPECT_EQ(text, "0192f0c1-7a3e-7c11-9d52-0c5b8f6f2a10");
  EXPECT_FALSE(append_uuid_bytes(bytes, "0192F0C1-7a3e-7c11-9d52-0c5b8f6f2a10"));
  EXPECT_FALSE(append_uuid_bytes(bytes, "0192f0c1-7a3e-7c11-9d52-0c5b8f6f2a1"));
  EXPECT_EQ(bytes.size(), 16u);
}

std::vector<std::string> there_and_back(const std::vector<std::string>& values, ColumnForm expected) {
  SectionWriter sections(nullptr, 3);
  ColumnWriter writer;
  for (const std::string& value : values) writer.add(value);
  writer.finish(sections);
  EXPECT_EQ(writer.form(), expected);
  writer.write(std::nullopt, sections);
  const std::string bytes = sections.take();
  SectionReader in(bytes, nullptr);
  ColumnReader reader(in);
  std::vector<std::string> out;
  while (!reader.done()) reader.append_next(out.emplace_back(), 0);
  EXPECT_TRUE(in.done());
  return out;
}

TEST(Column, EachFormGivesItsValuesBack) {
  std::mt19937_64 random(7);
  std::vector<std::string> counted, padded, wide, words, times, uuids, mixed;
  for (int i = 0; i < 2000; ++i) {
    counted.push_back("order-" + std::to_string(98'765 + i));
    char text[64];
    std::snprintf(text, sizeof text, "L%07lu", random() % 9'000'000);
    padded.emplace_back(text);
    wide.push_back("9" + std::to_string(100'000'000'000'000'000 + random() % 800'000'000'000'000'000));
    words.push_back(i % 3 ? "Germany" : "United Kingdom");
    std::snprintf(text, sizeof text, "2024-01-%02dT%02d:%02d:00Z", 1 + i / 100, i / 60 % 24, i % 60);
    times.emplace_back(text);
    std::snprintf(text, sizeof text, "%08lx-%04lx-4%03lx-9%03lx-%012lx", random() >> 32, random() >> 48,
                  random() >> 52, random() >> 52, random() >> 16);
    uuids.emplace_back(text);
    mixed.push_back(std::string(random() % 12, static_cast<char>('a' + random() % 26)) +
                    std::to_string(random()));
  }
  mixed[5] = "";
  EXPECT_EQ(there_and_back(counted, ColumnForm::counted), counted);
  EXPECT_EQ(there_and_back(padded, ColumnForm::counted), padded);
  EXPECT_EQ(there_and_back(words, ColumnForm::table), words);
  EXPECT_EQ(there_and_back(times, ColumnForm::time), times);
  EXPECT_EQ(there_and_back(uuids, ColumnForm::uuid), uuids);
  EXPECT_EQ(there_and_back(mixed, ColumnForm::bytes), mixed);
  for (const std::string& value : there_and_back(wide, ColumnForm::counted)) EXPECT_EQ(value.size(), 19u);
}

TEST(Column, NumbersThatWouldNotComeBackAreNotTakenAsNumbers) {
  std::vector<std::string> zeros, mixed;
  for (int i = 0; i < 500; ++i) {
    zeros.push_back(std::string(static_cast<size_t>(1 + i % 3), '0') + std::to_string(i));
    mixed.push_back("x" + std::to_string(i) + (i % 2 ? "y" : ""));
  }
  EXPECT_EQ(there_and_back(zeros, ColumnForm::bytes), zeros);
  EXPECT_EQ(there_and_back(mixed, ColumnForm::bytes), mixed);
}

// Events with all that can vary, in many batches.
std::vector<std::string> batches(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  std::vector<std::string> out;
  record::BatchWriter writer;
  for (size_t b = 0; b < count; ++b) {
    const size_t records = random() % 60;
    for (size_t i = 0; i < records; ++i) {
      const uint64_t sku = random() % 50;
      std::string payload = R"({"event_id":"e)" + std::to_string(random() % 3 ? b * 100 + i : random()) +
                            R"(","occurred_at":"2024-03-)" + std::to_string(10 + random() % 20) +
                            R"(T00:00:00Z","lines":[)";
      for (uint64_t l = 0; l < 1 + random() % 4; ++l)
        payload += std::string(l ? "," : "") + R"({"sku":"P)" + std::to_string(sku + l) +
                   R"(","description":"thing )" + std::to_string((sku + l) * 7919) + R"(","quantity":)" +
                   std::to_string(random() % 9) + "}";
      payload += random() % 10 ? "]}" : R"(], "extra": [null, 1.50, "\u00e9"]})";
      const std::string contact = random() % 4 ? "" : R"({"email":"u)" + std::to_string(random()) + R"(@x"})";
      record::RecordView view{
          event::Format::json, payload, contact, random() % 20 ? -1 : static_cast<int64_t>(i), {}};
      if (random() % 15 == 0) view.gap = record::GapKeys{random(), static_cast<uint32_t>(random()), random()};
      if (random() % 12 == 0) view.format = event::Format::flatbuffers;
      writer.add(view);
    }
    const std::optional<record::Origin> origin =
        random() % 3 ? std::optional(record::Origin{1 + random() % 3, random()}) : std::nullopt;
    out.push_back(writer.encode({static_cast<int64_t>(random())}, origin));
  }
  return out;
}

std::string chunk_of(const std::vector<std::string>& all, ChunkWriter& writer) {
  for (size_t i = 0; i < all.size(); ++i) {
    const auto batch = record::RecordBatch::decode(all[i]);
    std::vector<record::RecordView> views;
    for (uint32_t j = 0; j < batch.count(); ++j) views.push_back(batch[j]);
    writer.add({{5 + i}, {1 + i / 10}, EntryType::batch}, batch, views);
  }
  return writer.encode();
}

void expect_same(const std::vector<StoredEntry>& entries, const std::vector<std::string>& all) {
  ASSERT_EQ(entries.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(entries[i].index.value, 5 + i);
    EXPECT_EQ(entries[i].term.value, 1 + i / 10);
    const auto was = record::RecordBatch::decode(all[i]),
               is = record::RecordBatch::decode(entries[i].payload);
    EXPECT_EQ(is.receive_time(), was.receive_time());
    EXPECT_EQ(is.origin(), was.origin());
    ASSERT_EQ(is.count(), was.count());
    for (uint32_t j = 0; j < is.count(); ++j) {
      EXPECT_EQ(is[j].format, was[j].format);
      EXPECT_EQ(is[j].payload, was[j].payload);
      EXPECT_EQ(is[j].contact, was[j].contact);
      EXPECT_EQ(is[j].retry_of, was[j].retry_of);
      EXPECT_EQ(is[j].gap, was[j].gap);
    }
  }
}

TEST(Chunk, RandomBatchesComeBack) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto all = batches(seed, 40);
    ChunkWriter writer(nullptr, 0, 3);
    const std::string chunk = chunk_of(all, writer);
    EXPECT_EQ(read_chunk_head(chunk).first.value, 5u);
    expect_same(read_chunk(chunk, no_dictionary), all);
    EXPECT_EQ(chunk_of(all, writer), chunk) << "the writer is as new";
  }
}

TEST(Chunk, ADictionaryOfWhatRecursMakesItSmaller) {
  std::vector<std::vector<std::string>> texts;
  ChunkWriter plain(nullptr, 0, 19);
  std::string without;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    auto all = batches(seed, 200);
    for (std::string& one : all) {  // what recurs is long
      const auto batch = record::RecordBatch::decode(one);
      record::BatchWriter again;
      for (uint32_t j = 0; j < batch.count(); ++j) {
        const std::string text = R"({"d":")" + std::string(40, static_cast<char>('a' + j % 26)) +
                                 std::to_string(j * 7919 * 104729 % 1'000'003) + R"("})";
        again.add(record::RecordView{event::Format::json, text, "", -1, {}});
      }
      one = again.encode({1});
    }
    without = chunk_of(all, plain);
    texts.push_back(plain.texts());
    if (seed < 4) continue;
    const std::string trained = train_dictionary(texts);
    if (trained.empty()) GTEST_SKIP() << "too little recurs";
    const Dictionary dictionary(trained, 19);
    ChunkWriter writer(&dictionary, 7, 19);
    const std::string chunk = chunk_of(all, writer);
    EXPECT_EQ(read_chunk_head(chunk).dictionary, 7u);
    EXPECT_LT(chunk.size(), without.size());
    expect_same(read_chunk(chunk,
                           [&](uint32_t number) -> const Dictionary& {
                             EXPECT_EQ(number, 7u);
                             return dictionary;
                           }),
                all);
  }
}

TEST(Chunk, EveryFlippedByteIsFound) {
  ChunkWriter writer(nullptr, 0, 3);
  const std::string chunk = chunk_of(batches(3, 5), writer);
  for (size_t i = 0; i < chunk.size(); ++i) {
    std::string bad = chunk;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    EXPECT_THROW(read_chunk(bad, no_dictionary), record::Corruption) << "byte " << i;
  }
  for (size_t bytes = 0; bytes < chunk.size(); bytes += 7)
    EXPECT_THROW(read_chunk(chunk.substr(0, bytes), no_dictionary), record::Corruption);
}

}  // namespace
}  // namespace lode::log
