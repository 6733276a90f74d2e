// Runs the scripts of tests/golden/silver: what events do to silver, line by line. A script line is
//   # a comment
//   {...}                an event; `retry N {...}` is a retry of offset N
//   set KEY VALUE...     before the first event: fee_skus, alias (NAME = CODE), off (RULE)
//   epoch                ends the epoch: what follows reads from the disk
//   show TABLE [NAME=VALUE ...]
// and the lines behind it that begin with two spaces are what came of it: the verdict with the facts booked
// (+) and let go of (-), or the rows. LODE_REWRITE_GOLDEN=1 writes them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "event/money.h"
#include "event/time.h"
#include "query/silver_query.h"
#include "silver/currency.h"
#include "unit/silver/shop.h"

namespace lode {
namespace {

const char* const kKinds[] = {"", "sale", "return", "free", "adjustment", "fee"};

std::string shown(const query::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  if (const auto* decimal = std::get_if<query::Decimal>(&value)) return decimal->text;
  if (const auto* json = std::get_if<query::RawJson>(&value)) return json->text;
  return "null";
}

class Script {
 public:
  std::string run(std::istream& lines) {
    std::string line;
    while (std::getline(lines, line)) {
      if (line.starts_with("  ")) continue;
      out_ += line + "\n";
      if (!line.empty() && line[0] != '#') step(line);
    }
    return out_;
  }

 private:
  void say(const std::string& line) { out_ += "  " + line + "\n"; }

  void step(const std::string& line) {
    std::istringstream in(line);
    std::string word;
    in >> word;
    if (word == "set") return set(in);
    if (!shop_) shop_ = std::make_unique<silver::Shop>(settings_);
    if (word == "epoch") return shop_->end_epoch();
    if (word == "show") return show(in);
    int64_t retry = -1;
    if (word == "retry") in >> retry;
    apply(line.substr(line.find('{')), retry);
  }

  void set(std::istream& in) {
    std::string key, rest;
    in >> key;
    std::getline(in >> std::ws, rest);
    if (key == "fee_skus") settings_.fee_skus.insert(rest);
    if (key == "alias")
      settings_.country_aliases[rest.substr(0, rest.find(" = "))] = rest.substr(rest.find(" = ") + 3);
    if (key == "off") settings_.switched_off |= silver::bit(silver::rule_of(rest).value());
  }

  void apply(const std::string& json, int64_t retry) {
    auto before = shop_->facts.counts();
    uint64_t offset = shop_->next_offset;
    auto rule = shop_->apply(json, retry);
    say(std::to_string(offset) + (rule ? " quarantined " + std::string(to_string(*rule)) : " accepted"));
    auto after = shop_->facts.counts();
    for (const auto& [key, count] : before)
      say_change(key, after.contains(key) ? after[key] - count : -count);
    for (const auto& [key, count] : after) {
      if (!before.contains(key)) say_change(key, count);
    }
  }

  void say_change(const silver::FactBag::Key& key, int change) {
    if (change == 0) return;
    const auto& [kind, country, currency, sku, customer, type, channel, category, source, at, order, quantity,
                 amount, discount] = key;
    std::string line = change > 0 ? "+ " : "- ";
    if (std::abs(change) > 1) line += std::to_string(std::abs(change)) + " x ";
    line += std::string(kKinds[kind]) + " " + shop_->text(sku) + " quantity " + std::to_string(quantity) +
            " amount " + event::format_money(amount, 2);
    if (discount) line += " discount " + event::format_money(discount, 2);
    line += " at " + event::format_rfc3339({at}) + " in " + silver::letters_of(country) + " " +
            silver::letters_of(currency) + " by " + (customer ? shop_->text(customer) : "nobody") + " (" +
            shop_->text(type) + ")";
    say(line);
  }

  void show(std::istream& in) {
    std::string table, word;
    in >> table;
    query::Parameters parameters;
    while (in >> word)
      parameters.emplace_back(word.substr(0, word.find('=')), word.substr(word.find('=') + 1));
    query::SilverSource source{shop_->state, shop_->tables, [] { return query::Position{}; }};
    auto answer = table == "quarantine" ? query_quarantine(source, parameters)
                  : table == "quality"  ? query_quality(source, parameters)
                                        : query_silver(source, table, parameters);
    if (auto* failure = std::get_if<query::Failure>(&answer)) {
      return say(std::to_string(failure->status) + " " + failure->problem.code + " " +
                 failure->problem.pointer + ": " + failure->problem.detail);
    }
    const auto& result = std::get<query::Result>(answer);
    for (const auto& row : result.rows) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        std::string value = shown(row[i]);
        if (value != "null" && value != "[]")
          line += (line.empty() ? "" : " ") + result.columns[i] + "=" + value;
      }
      say(line);
    }
    if (result.rows.empty()) say("nothing");
  }

  silver::Settings settings_;
  std::unique_ptr<silver::Shop> shop_;
  std::string out_;
};

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsAsWritten) {
  std::ifstream file(GetParam());
  std::stringstream text;
  text << file.rdbuf();
  std::istringstream lines(text.str());
  std::string now = Script().run(lines);
  if (std::getenv("LODE_REWRITE_GOLDEN"))
    std::ofstream(GetParam()) << now;
  else
    EXPECT_EQ(now, text.str()) << GetParam();
}

std::vector<std::string> scripts() {
  std::vector<std::string> paths;
  for (const auto& file : std::filesystem::directory_iterator(LODE_SOURCE_DIR "/tests/golden/silver")) {
    paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

INSTANTIATE_TEST_SUITE_P(Silver, Golden, testing::ValuesIn(scripts()), [](const auto& script) {
  return std::filesystem::path(script.param).stem().string();
});

}  // namespace
}  // namespace lode
