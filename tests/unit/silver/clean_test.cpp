#include "silver/clean.h"

#include <gtest/gtest.h>

#include "event/event.h"
#include "silver/country.h"
#include "silver/currency.h"

namespace lode::silver {
namespace {

std::string collapsed(std::string text) {
  collapse_space(text, text);
  return text;
}

TEST(Clean, TrimsAndCollapsesUnicodeWhiteSpace) {
  EXPECT_EQ(collapsed("  a \t\n b  "), "a b");
  EXPECT_EQ(collapsed("\u00a0a\u00a0\u2003b\u3000"), "a b");
  EXPECT_EQ(collapsed("a\u00a0b"), "a b");
  EXPECT_EQ(collapsed(" \t "), "");
  EXPECT_EQ(collapsed("\xc2"), "\xc2");
  EXPECT_EQ(collapsed("\xe2\x80"), "\xe2\x80");
  EXPECT_EQ(collapsed("caf\u00e9 \u20ac"), "caf\u00e9 \u20ac");
  std::string out = "untouched";
  EXPECT_FALSE(collapse_space("a b", out));
  EXPECT_EQ(out, "untouched");
}

TEST(Clean, UpperCasesAsciiLettersOnly) {
  std::string out;
  EXPECT_TRUE(upper_ascii("85123a\u00e9", out));
  EXPECT_EQ(out, "85123A\u00e9");
  EXPECT_FALSE(upper_ascii("85123A", out));
}

std::string found(const Countries& countries, std::string_view name) {
  return letters_of(countries.find(name));
}

TEST(Country, IsKnownByAliasCodeAndName) {
  Countries countries({});
  for (auto [name, code] :
       std::vector<std::pair<std::string, std::string>>{{"United Kingdom", "GB"},
                                                        {"UK", "GB"},
                                                        {"gb", "GB"},
                                                        {"GBR", "GB"},
                                                        {"EIRE", "IE"},
                                                        {"RSA", "ZA"},
                                                        {"USA", "US"},
                                                        {"Korea", "KR"},
                                                        {"South Korea", "KR"},
                                                        {"Czech Republic", "CZ"},
                                                        {"Vietnam", "VN"},
                                                        {"Russia", "RU"},
                                                        {"Hong Kong", "HK"},
                                                        {"Taiwan", "TW"},
                                                        {"Cote d'Ivoire", "CI"},
                                                        {"C\u00f4te d'Ivoire", "CI"},
                                                        {"TÜRKIYE", ""},
                                                        {"Türkiye", "TR"},
                                                        {"Turkiye", "TR"},
                                                        {"Channel Islands", ""},
                                                        {"European Community", ""},
                                                        {"Unspecified", ""},
                                                        {"", ""},
                                                        {"Iran, Islamic Republic of", "IR"}}) {
    EXPECT_EQ(found(countries, name), code) << name;
  }
}

TEST(Country, KnowsTheNamesOfOnlineRetail) {
  Countries countries({});
  for (const char* name : {"Australia",     "Austria",
                           "Bahrain",       "Belgium",
                           "Brazil",        "Canada",
                           "Cyprus",        "Czech Republic",
                           "Denmark",       "EIRE",
                           "Finland",       "France",
                           "Germany",       "Greece",
                           "Hong Kong",     "Iceland",
                           "Israel",        "Italy",
                           "Japan",         "Lebanon",
                           "Lithuania",     "Malta",
                           "Netherlands",   "Norway",
                           "Poland",        "Portugal",
                           "RSA",           "Saudi Arabia",
                           "Singapore",     "Spain",
                           "Sweden",        "Switzerland",
                           "USA",           "United Arab Emirates",
                           "United Kingdom"}) {
    EXPECT_NE(countries.find(name), 0u) << name;
  }
}

TEST(Country, ConfiguredAliasesComeFirst) {
  Countries countries({{"  Channel  Islands ", "je"}, {"UK", "UA"}, {"Unspecified", "ZZ"}});
  EXPECT_EQ(found(countries, "channel islands"), "JE");
  EXPECT_EQ(found(countries, "UK"), "UA");
  EXPECT_EQ(found(countries, "unspecified"), "ZZ");
  std::map<std::string, std::string> unknown{{"Atlantis", "QQ"}};
  EXPECT_THROW(Countries{unknown}, std::invalid_argument);
}

TEST(Currency, IsAnIsoCode) {
  EXPECT_EQ(letters_of(currency_of("GBP")), "GBP");
  EXPECT_EQ(currency_of("gbp"), 0u);
  EXPECT_EQ(currency_of("QQQ"), 0u);
  EXPECT_EQ(currency_of("GB"), 0u);
  EXPECT_EQ(currency_digits(currency_of("GBP")), 2);
  EXPECT_EQ(currency_digits(currency_of("JPY")), 0);
  EXPECT_EQ(currency_digits(currency_of("KWD")), 3);
}

}  // namespace
}  // namespace lode::silver
