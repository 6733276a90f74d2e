#include "event/csv_orders.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "decoding.h"

namespace lode::event {
namespace {

const char kMapping[] = R"(
type = "purchase"
group_by = "No"
event_id = "file/{No}"
[time]
format = "%d.%m.%Y %H:%M"
zone = "UTC"
[columns]
order_id = "No"
occurred_at = "When"
"customer.id" = "Who"
"customer.email" = "Mail"
"lines.sku" = "Code"
"lines.quantity" = "Units"
"lines.unit_price" = "Price"
[constants]
currency = "EUR"
source = "file"
[[type_rules]]
column = "No"
prefix = "R"
type = "refund"
)";

std::string file_text(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Decoded decode_csv_text(std::string text, const Mapping& mapping, Limits limits = {}) {
  Decoded out;
  JsonDecoder decoder(limits);
  out.body_problem =
      decode_csv(std::make_shared<const std::string>(std::move(text)), mapping, decoder, out.batch);
  return out;
}

TEST(CsvOrders, GroupsRowsWhereverTheyStand) {
  Mapping mapping = parse_mapping(kMapping, "test.toml");
  Decoded decoded = decode_csv_text(
      "No,When,Who,Mail,Code,Units,Price,Other\n"
      "1,01.12.2010 08:26,c1,a@b,A,2,1.50,x\n"
      "2,01.12.2010 09:00,,,B,-1,2,x\n"
      "1,01.12.2010 08:27,c2,,\"A \"\"1\"\"\",3,0.001,x\n"
      "R1,02.12.2010 09:00,,,A,1,,x\n",
      mapping);
  ASSERT_EQ(decoded.batch.events.size(), 3u) << decoded.problem().detail;
  EXPECT_EQ(decoded.batch.indexes, (std::vector<uint32_t>{0, 1, 3}));
  const Event& first = decoded.event(0);
  EXPECT_EQ(first.event_id, "file/1");
  EXPECT_EQ(first.source, "file");
  EXPECT_EQ(first.currency, "EUR");
  EXPECT_EQ(format_rfc3339(first.occurred_at), "2010-12-01T08:26:00Z") << "the first row's";
  EXPECT_EQ(first.customer.id, "c1");
  EXPECT_EQ(first.contact, R"({"customer":{"email":"a@b"}})");
  auto lines = decoded.batch.lines_of(first);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].sku, "A \"1\"");
  EXPECT_EQ(lines[1].quantity, 3);
  EXPECT_EQ(lines[1].unit_price.micros, 1000);
  EXPECT_TRUE(decoded.event(1).customer.id.empty());
  EXPECT_EQ(decoded.event(2).type, EventType::refund);
  for (const Event& event : decoded.batch.events) expect_replay(event);
}

TEST(CsvOrders, ABadRowIsLeftOutAndNamed) {
  Mapping mapping = parse_mapping(kMapping, "test.toml");
  Decoded decoded = decode_csv_text(
      "No,When,Who,Mail,Code,Units,Price\n"
      "1,01.12.2010 08:26,,,A,2,1.50\n"
      "1,01.12.2010 08:26,,,A,two,1.50\n"
      "1,01.12.2010 08:26,,,A,2,1.5x\n"
      "1,yesterday,,,A,2,1.50\n"
      "1,01.12.2010 08:26,,,,2,1.50\n"
      "1,01.12.2010 08:26,,, \xc2\xa0,2,1.50\n"
      ",01.12.2010 08:26,,,A,2,1.50\n"
      "1,01.12.2010 08:26,,,A,2\n"
      "1,\"01.12.2010 08:26,,,A,2,1.50\n"
      "1,01.12.2010 08:26,,,B,4,1.50\n"
      "2,01.12.2010 08:26,,,B,4,\n",
      mapping);
  EXPECT_EQ(decoded.batch.events.size(), 1u);
  EXPECT_EQ(decoded.batch.lines.size(), 2u);
  ASSERT_EQ(decoded.batch.rejections.size(), 9u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(decoded.batch.rejections[i].index, i + 1);
    EXPECT_EQ(decoded.problem(i).code, "invalid_row");
    EXPECT_TRUE(decoded.problem(i).detail.starts_with("Line " + std::to_string(i + 3) + ": "))
        << decoded.problem(i).detail;
  }
  EXPECT_EQ(decoded.batch.rejections[8].index, 10u);
  EXPECT_EQ(decoded.problem(8).code, "missing_field");
  EXPECT_TRUE(decoded.problem(8).detail.starts_with("Line 12: ")) << decoded.problem(8).detail;
  EXPECT_EQ(decoded.batch.item_count, 10u);
}

TEST(CsvOrders, AFileThatDoesNotFitIsRefusedWhole) {
  Mapping mapping = parse_mapping(kMapping, "test.toml");
  EXPECT_EQ(decode_csv_text("", mapping).body_problem->code, "invalid_header");
  EXPECT_EQ(decode_csv_text("No,When,Who\n1,2,3\n", mapping).body_problem->code, "invalid_header");
  Limits limits;
  limits.events_per_request = 1;
  std::string two =
      "No,When,Who,Mail,Code,Units,Price\n1,01.12.2010 08:26,,,A,2,1\n2,01.12.2010 08:26,,,A,2,1\n";
  EXPECT_EQ(decode_csv_text(two, mapping, limits).body_problem->code, "too_many_events");
}

TEST(CsvOrders, RowsThatAreLeftOutCountTowardTheMostItems) {
  Mapping mapping = parse_mapping(kMapping, "test.toml");
  const std::string header = "No,When,Who,Mail,Code,Units,Price\n";
  Limits limits;
  limits.events_per_request = 3;
  EXPECT_EQ(decode_csv_text(header + "a\na\na\n", mapping, limits).batch.rejections.size(), 3u);
  Decoded decoded = decode_csv_text(header + "1,01.12.2010 08:26,,,A,2,1\na\na\na\n", mapping, limits);
  EXPECT_EQ(decoded.body_problem->code, "too_many_events");
  EXPECT_EQ(decoded.batch.item_count, 0u);

  CsvOrders bounded(mapping, 3), any(mapping);
  for (CsvOrders* orders : {&bounded, &any}) {
    orders->feed(header);
    for (int i = 0; i < 10'000; ++i) orders->feed("a\na\na\n");
    orders->finish();
  }
  ASSERT_TRUE(bounded.fatal());
  EXPECT_EQ(bounded.problems().size(), 4u);
  EXPECT_FALSE(any.fatal());
  EXPECT_EQ(any.problems().size(), 30'000u);
}

TEST(CsvOrders, TimesAreOfTheMappingsZone) {
  Mapping mapping = parse_mapping(with(kMapping, "\"UTC\"", "\"Europe/Berlin\""), "test.toml");
  Decoded decoded =
      decode_csv_text("No,When,Who,Mail,Code,Units,Price\n1,01.07.2010 08:26,,,A,2,1\n", mapping);
  ASSERT_EQ(decoded.batch.events.size(), 1u);
  EXPECT_EQ(format_rfc3339(decoded.event().occurred_at), "2010-07-01T06:26:00Z");
}

TEST(Mapping, SaysWhatIsWrong) {
  auto problem = [](const std::string& text) -> std::string {
    try {
      parse_mapping(text, "m.toml");
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem(kMapping), "");
  for (const std::string& text :
       {std::string("type = "), with(kMapping, "\"purchase\"", "\"sale\""),
        with(kMapping, "group_by", "groupby"), with(kMapping, "\"UTC\"", "\"Mars/Base\""),
        with(kMapping, "{No}", "{No"), with(kMapping, "\"file/{No}\"", "7"),
        with(kMapping, "customer.id", "basket.id"), with(kMapping, "occurred_at", "occurred"),
        with(kMapping, "format = \"%d.%m.%Y %H:%M\"", ""), with(kMapping, "currency", "order_id"),
        with(kMapping, "lines.sku", "lines.skuu"), with(kMapping, "lines.unit_price", "lines.price"),
        with(kMapping, "currency = \"EUR\"", ""), with(kMapping, "column = \"No\"", "")}) {
    EXPECT_TRUE(problem(text).starts_with("m.toml")) << text << "\n" << problem(text);
  }
}

// What `zstd -dc` makes of a file.
std::string unpacked(const std::string& path) {
  std::string text, command = "zstd -dc '" + path + "'";
  FILE* pipe = popen(command.c_str(), "r");
  char piece[1 << 16];
  for (size_t size; (size = fread(piece, 1, sizeof piece, pipe)) > 0;) text.append(piece, size);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

// The real file, when it is in $LODE_DATA_DIR or in ../shared/data beside the project.
TEST(CsvOrders, ReadTheOnlineRetailFile) {
  Mapping mapping =
      parse_mapping(file_text(LODE_SOURCE_DIR "/config/mappings/online_retail.toml"), "online_retail.toml");
  const char* folder = std::getenv("LODE_DATA_DIR");
  const std::string path =
      (folder ? folder : std::string(LODE_SOURCE_DIR "/../shared/data")) + "/online_retail.csv.zst";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the Online Retail file is not at hand: no " << path;
  CsvOrders orders(mapping);
  orders.feed(unpacked(path));
  orders.finish();
  ASSERT_FALSE(orders.fatal());
  EXPECT_EQ(orders.rows(), 541'909u);
  EXPECT_EQ(orders.size(), 25'900u);
  EXPECT_EQ(orders.problems().size(), 0u);
  JsonDecoder decoder;
  EventBatch batch;
  for (size_t i = 0; i < orders.size(); ++i) {
    ASSERT_TRUE(decoder.decode_one(batch.arena.copy(orders.json(i)), {}, 0, batch)) << orders.json(i);
  }
  Int128 sum = 0;
  for (const Line& line : batch.lines) sum += Int128{line.unit_price.micros} * line.quantity;
  EXPECT_EQ(format_money(sum, 2), "9747747.934");
}

}  // namespace
}  // namespace lode::event
