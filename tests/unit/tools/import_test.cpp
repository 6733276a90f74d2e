// Files cut into requests: line numbers, bad rows, and packed files that read like plain ones.
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

#include "event/json.h"
#include "lodectl/command.h"
#include "lodectl/import_batch.h"
#include "lodectl/import_report.h"

namespace lode::lodectl {
namespace {

class Import : public ::testing::Test {
 protected:
  void SetUp() override {
    auto info = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = ::testing::TempDir() + "lode_import_" + info->name() + "_" + std::to_string(getpid());
  }
  void TearDown() override { std::filesystem::remove(path_); }
  void write(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }

  std::vector<ImportBatch> ndjson(uint32_t events) {
    SourceFile file(path_);
    std::vector<ImportBatch> out;
    cut_ndjson(file, {events, 1 << 20}, [&](ImportBatch batch) { out.push_back(std::move(batch)); });
    return out;
  }

  std::string path_;
};

const std::string kLines = "{\"a\":1}\n\n{\"a\":2}\r\n   \n{\"a\":3}";

TEST_F(Import, NdjsonKeepsLineNumbersAndSkipsEmptyLines) {
  write(kLines);
  auto batches = ndjson(2);
  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].body, "{\"a\":1}\n{\"a\":2}\n");
  EXPECT_EQ(batches[0].lines, (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(batches[1].body, "{\"a\":3}\n");
  EXPECT_EQ(batches[1].lines, (std::vector<uint64_t>{5}));
}

TEST_F(Import, ZstdAndGzipReadLikePlain) {
  std::string text;
  for (int i = 0; i < 200'000; i++) text += "{\"number\":" + std::to_string(i * 7919 % 100'003) + "}\n";
  write(text);
  auto plain = ndjson(100'000);

  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 1));
  write(packed);
  auto zstd = ndjson(100'000);
  ASSERT_EQ(zstd.size(), plain.size());
  for (size_t i = 0; i < plain.size(); i++) EXPECT_EQ(zstd[i].body, plain[i].body);

  gzFile file = gzopen(path_.c_str(), "wb1");
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  gzclose(file);
  auto gzip = ndjson(100'000);
  ASSERT_EQ(gzip.size(), plain.size());
  for (size_t i = 0; i < plain.size(); i++) EXPECT_EQ(gzip[i].body, plain[i].body);

  write(packed.substr(0, packed.size() / 2));
  EXPECT_THROW(ndjson(1000), Failed);
}

TEST_F(Import, CsvByMappingNamesBadRows) {
  std::ifstream toml(LODE_SOURCE_DIR "/config/mappings/online_retail.toml");
  std::string text{std::istreambuf_iterator<char>(toml), {}};
  event::Mapping mapping = event::parse_mapping(text, "online_retail.toml");
  write(
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
      "1,A,\"ONE, AND\nA HALF\",6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
      "1,B,TWO,1,2010-12-01 08:26:00,1.00,17850,United Kingdom\n"
      "2,A,THREE,6,2010-12-01\n"
      "3,C,FOUR,-1,2010-12-02 09:00:00,4.25,,EIRE\n");
  SourceFile file(path_);
  std::string body;
  std::vector<uint64_t> lines;
  std::vector<BadRow> bad;
  cut_csv(
      file, mapping, {},
      [&](ImportBatch batch) {
        body += batch.body;
        lines.insert(lines.end(), batch.lines.begin(), batch.lines.end());
      },
      [&](BadRow row) { bad.push_back(row); });
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(bad[0].line, 5u);
  EXPECT_EQ(lines, (std::vector<uint64_t>{2, 6}));

  event::JsonDecoder decoder;
  event::EventBatch batch;
  ASSERT_FALSE(decoder.decode_ndjson(std::make_shared<const std::string>(body), batch));
  ASSERT_EQ(batch.events.size(), 2u);
  EXPECT_EQ(batch.events[0].order_id, "1");
  EXPECT_EQ(batch.events[0].line_count, 2u);
  EXPECT_EQ(batch.events[1].customer.country, "EIRE");
}

TEST_F(Import, AnswersAreAddedUp) {
  ImportReport report(0);
  ImportBatch batch{"", {10, 20, 30}, 100};
  report.add(batch,
             R"({"accepted":1,"duplicates":1,"rejected":1,"first_offset":5,"last_offset":5,"results":[
    {"index":0,"status":"quarantined","code":"negative_price","offset":5},{"index":1,"status":"duplicate","offset":2},
    {"index":2,"status":"rejected","code":"missing_field","pointer":"/order_id","detail":"Send it."}]})");
  EXPECT_EQ(report.events(), 3u);
  EXPECT_EQ(report.bad(), 1u);
  EXPECT_EQ(report.text(1.5),
            "1 new, 1 already there, 1 rejected; of the new 1 in quarantine (1 negative_price) in 1.5 s");
  EXPECT_THROW(report.add(batch, "<html>"), Failed);
}

TEST_F(Import, TheFirstBadRowsAreNamedWithTheFilesLineOnce) {
  ImportReport report(2);
  ::testing::internal::CaptureStderr();
  for (uint64_t line = 7; line < 12; ++line)
    report.add(BadRow{line, {"invalid_row", "", "Line " + std::to_string(line) + ": write an integer."}});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "\rline 7: invalid_row: Write an integer.\n\rline 8: invalid_row: Write an integer.\n");
  EXPECT_EQ(report.unnamed(), 3u);
  EXPECT_EQ(report.bad(), 5u);
}

}  // namespace
}  // namespace lode::lodectl
