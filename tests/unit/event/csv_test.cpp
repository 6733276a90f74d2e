#include "event/csv.h"

#include <gtest/gtest.h>

namespace lode::event {
namespace {

// Rows as "line:a|b|c" or "line!" for broken ones, fed `step` bytes at a time.
std::string rows_of(const std::string& text, size_t step) {
  CsvReader reader;
  CsvRow row;
  std::string out;
  auto take = [&] {
    while (reader.next(row)) {
      out += std::to_string(row.line) + (row.broken.empty() ? ":" : "!");
      for (size_t i = 0; i < row.fields.size() && row.broken.empty(); ++i) {
        out.append(i == 0 ? "" : "|").append(row.fields[i]);
      }
      out += ' ';
    }
  };
  for (size_t i = 0; i < text.size(); i += step) {
    reader.feed(std::string_view(text).substr(i, step));
    take();
  }
  reader.finish();
  take();
  return out;
}

struct Case {
  const char* text;
  const char* rows;
};

class Csv : public testing::TestWithParam<Case> {};

TEST_P(Csv, IsReadHoweverItIsFed) {
  for (size_t step : {1, 2, 3, 1000})
    EXPECT_EQ(rows_of(GetParam().text, step), GetParam().rows) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Csv, Csv,
    testing::Values(Case{"", ""}, Case{"\n\r\n", ""}, Case{"a,b\nc,d\n", "1:a|b 2:c|d "},
                    Case{"a,b\nc,d", "1:a|b 2:c|d "}, Case{"a,b\r\nc,d\r\n", "1:a|b 2:c|d "},
                    Case{"a,b\r\nc,d\r", "1:a|b 2:c|d "},
                    Case{"\xEF\xBB\xBF"
                         "a,b\n\nc,\n",
                         "1:a|b 3:c| "},
                    Case{"a,b\n\"x,\ny\",\"say \"\"hi\"\"\"\r\nc,d", "1:a|b 2:x,\ny|say \"hi\" 4:c|d "},
                    Case{"a,b\n\"\",\"\"\n", "1:a|b 2:| "}, Case{"a,b\n12\",x\"y\n", "1:a|b 2:12\"|x\"y "},
                    Case{"a,b\nc\nd,e,f\ng,h", "1:a|b 2! 3! 4:g|h "},
                    Case{"a,b\n\"c\"d,e\ng,h", "1:a|b 2! 3:g|h "},
                    Case{"a,b\n\"c,d\ne,f\ng,h\n", "1:a|b 2! 3:e|f 4:g|h "},
                    Case{"a,b\n\"c\n\",d,e\nf,g", "1:a|b 2! 3! 4:f|g "},
                    Case{"a,b\n\xff,c\nd,e", "1:a|b 2! 3:d|e "}));

TEST(Csv, ARowMayNotBeLongerThanItsLimit) {
  std::string text = "a\n\"" + std::string(CsvReader::kRowBytes + 10, 'x') + "\"\nb\n";
  for (size_t step : {size_t{65536}, text.size()}) EXPECT_EQ(rows_of(text, step).substr(0, 7), "1:a 2! ");
  EXPECT_EQ(rows_of(text, text.size()), "1:a 2! 3:b ");
}

}  // namespace
}  // namespace lode::event
