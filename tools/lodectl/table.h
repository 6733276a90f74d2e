// Rows of an answer for people: an aligned table, or CSV.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace lode::lodectl {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // as columns
  std::vector<bool> numeric;                   // as columns: aligned to the right
};

// The rows of `{"rows":[{…}]}`, columns in the order in which they first appear. Nested values stay JSON.
Table table_of(std::string_view answer_json);

void print_table(const Table& table, std::ostream& out);
void print_csv(const Table& table, bool header, std::ostream& out);

}  // namespace lode::lodectl
